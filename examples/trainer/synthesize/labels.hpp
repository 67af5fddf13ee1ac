// The invented genres, and which of them a poster has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace synthesize {

/// One visual trait each, in this order: from frequent to rare.
enum trait : std::size_t {
  warm_colours,
  dark_colours,
  circles,
  triangles,
  grain,
  two_halves,
  stripes,
  lines_of_text,
  colour_ramp,
  stars,
  dark_figure,
  wide_frame,
  trait_count
};

/// The name of each trait's genre.
std::vector<std::string> const& synthetic_labels();

/// The share of posters that a trait is aimed at, 0 to 1.
double label_frequency(trait which);

/// The labels of a poster, 0 or 1, for the first `labels` traits; at least one is 1. Frequencies fall from about 45 %
/// to about 1 %; labels depend on each other through three hidden factors. A pure function of its arguments.
std::vector<std::uint8_t> draw_labels(std::uint64_t seed, std::uint64_t index, std::size_t labels);

}  // namespace synthesize
