// Posters that no studio made: pictures by formula, labelled by what is drawn into them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <softf1/image/image.hpp>

#include "labels.hpp"

namespace synthesize {

/// How hard posters are to label. A label's trait may be weak, left out, hidden, or seen without its label, so that no
/// classifier can be perfect.
struct difficulty {
  double left_out = 0.06;    ///< the share of a label's posters that lack its trait
  double unlabelled = 0.05;  ///< posters with the trait and without the label, as a share of those with the label
  float weakest = 0.35f;     ///< the strength of a trait is uniform from here to 1
  double covered = 0.5;      ///< the share of posters that are partly covered by patches
  float noise = 0.02f;       ///< of every poster, in 0..1
};

/// A poster, 240 pixels high and 160 wide, and its labels.
struct synthetic_poster {
  softf1::rgb_image image;
  std::vector<std::uint8_t> labels;  ///< 0 or 1, in the order of synthetic_labels()
};

/// Poster `index` of the set of `seed`, with the first `labels` of synthetic_labels(): 1 to 12 (value_error else). A
/// pure function of its arguments.
synthetic_poster draw_poster(std::uint64_t seed, std::uint64_t index, std::size_t labels, difficulty const& = {});

}  // namespace synthesize
