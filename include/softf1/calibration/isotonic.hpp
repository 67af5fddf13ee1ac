// The best function that does not fall, a label.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <softf1/calibration/each_label.hpp>
#include <softf1/calibration/pooled_blocks.hpp>

namespace softf1::inline SOFTF1_ABI::calibration {

/// The calibrator `isotonic`: of all functions that do not fall, the one under which the targets are most likely; a
/// line from each block of scores to the next, constant outside. What only negatives have (the lowest block) or only
/// positives (the highest) is no certainty: there the frequency is taken as if 2 `smoothing` cells more had been seen,
/// of the label's own frequency, but no further than that of the next block. A label with less than `min_positives`
/// positives, or negatives, gets the temperature of all cells and a shift by its own frequency, marked: where there are
/// few, the steps are chance.
/// Throws value_error for options that are negative or not finite. Cost: O(points) a label.
/// Source: Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability estimates", KDD
/// 2002.
struct isotonic {
  static constexpr std::string_view name = "isotonic";
  static constexpr std::array<std::string_view, 2> option_names{"min_positives", "smoothing"};

  double min_positives = 50, smoothing = 1;

  constexpr double& option(std::size_t k) { return k == 0 ? min_positives : smoothing; }
  void check() const {
    require_not_negative(min_positives, name, "min_positives");
    require_not_negative(smoothing, name, "smoothing");
  }

  calibration_map operator()(curve_source const& source) const {
    check();
    return fit_each_label(source, name, min_positives, smoothing, fallback::shifted_temperature,
                          [&](label_cells const& cells) {
                            std::vector<score_block> each;
                            for (auto const& c : cells.scores)
                              each.push_back({c.score, c.score, c.positives, c.weight()});
                            auto const blocks = pooled_blocks(each);
                            label_map map{.kind = map_kind::linear};
                            for (std::size_t k = 0; k < blocks.size(); ++k) {
                              double p = blocks[k].frequency();
                              if (k == 0 && p == 0 && blocks.size() > 1)
                                p = std::min(smoothed(blocks[k], cells), blocks[k + 1].frequency());
                              else if (k > 0 && k + 1 == blocks.size() && p == 1)
                                p = std::max(smoothed(blocks[k], cells), blocks[k - 1].frequency());
                              add(map, blocks[k].first, p);
                              if (blocks[k].last > blocks[k].first) add(map, blocks[k].last, p);
                            }
                            return map;
                          });
  }

 private:
  double smoothed(score_block const& block, label_cells const& cells) const {
    return (block.positives + 2 * smoothing * cells.frequency()) / (block.weight + 2 * smoothing);
  }
  static void add(label_map& map, double score, double probability) {
    map.scores.push_back(score);
    map.probabilities.push_back(probability);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::calibration
