// The files that the sub-commands read, checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/backend/cpu/context.hpp>
#include <softf1/decisions/calibration_map.hpp>
#include <softf1/decisions/decision_rule.hpp>
#include <softf1/io/array.hpp>

#include "options.hpp"
#include "scored_rows.hpp"

namespace program {

/// Scores of a file: float or double, row-major, present ones without NaN and, as probabilities, from 0 to 1.
struct score_matrix {
  std::string path;
  softf1::score_domain domain;
  softf1::io::array values;
  std::vector<std::string> label_names;  ///< empty, or one a label
  std::vector<std::string> row_names;    ///< empty, or one a row
  std::size_t first_row = 0;             ///< of a block: its place in the file
  /// What made them of other scores (they are double then); nothing: they are as they were read.
  std::shared_ptr<softf1::calibration_map const> calibration = {};

  std::size_t rows() const { return values.rows(); }
  std::size_t labels() const { return values.cols(); }
  /// "label 'sad'", or "label 3" where it has no name: for errors.
  std::string label_text(std::size_t j) const;
};

/// Scores with targets of 0 and 1.
struct dataset {
  score_matrix scores;
  std::vector<std::uint8_t> target_values, mask_values;
  std::vector<double> weights;

  /// Views of all that.
  scored_rows rows() const;
};

/// Throws io_error, shape_error or value_error: a sentence that names the file, and row and label where there are any.
score_matrix load_scores(score_options const& options);
dataset load_dataset(dataset_options const& options);

/// The same in blocks of rows: .npy files are read as they come, whatever their length, all others as a whole.
class dataset_blocks {
 public:
  static constexpr std::size_t all_rows = ~std::size_t{0};  ///< as one block, from files that are read as a whole

  /// `rows` of a block; 0: as many as have a million cells. Checks, and throws, what needs no look at values.
  dataset_blocks(dataset_options const& options, std::size_t rows);
  ~dataset_blocks();

  /// The next rows, at least one; nothing at the end. Throws as load_dataset.
  std::optional<dataset> next();

 private:
  struct files;
  std::unique_ptr<files> files_;
};

/// Scores of another model of the same rows and labels, read as the first one's are. Throws as load_dataset.
score_matrix load_other_scores(std::string const& path, dataset const& data);

/// The files that load_dataset reads, by the options that name them.
std::vector<named_path> files_of(dataset_options const& options);

/// The probabilities that scores mean. Throws shape_error or value_error, naming `source`, where the calibration is for
/// another number of labels, another domain or other names.
score_matrix calibrated(score_matrix scores, softf1::calibration_map const& calibration, std::string const& source);

/// The rule of a file, which must fit the scores: number of labels, domain, names (which are taken over where the
/// scores have none). Where the file has a calibration, the scores become calibrated ones.
softf1::decision_rule load_rule(std::string const& path, score_matrix& scores);

/// Names go into tables, lists and JSON. Throws io_error unless they are UTF-8 without line ends and tabs.
void check_names(std::string const& path, std::vector<std::string> const& names);

/// Calls use(view) with the scores as they are stored: the one place that chooses between float and double.
template <class Use>
decltype(auto) with_scores(score_matrix const& scores, Use&& use) {
  if (scores.values.holds<float>()) return use(scores.values.view<float>());
  return use(scores.values.view<double>());
}

/// "nan", or a number. Throws value_error.
double missing_named(std::string const& text);

inline softf1::context<softf1::cpu> make_context(common_options const& options) {
  return softf1::context<softf1::cpu>({.threads = options.threads, .seed = options.seed});
}

}  // namespace program
