#include "inputs.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include <softf1/core/named.hpp>
#include <softf1/io/json_calibration.hpp>
#include <softf1/io/matrix.hpp>
#include <softf1/io/npy_stream.hpp>
#include <softf1/metrics/missing.hpp>

namespace program {

namespace {

using softf1::io_error;
using softf1::number_text;
using softf1::shape_error;
using softf1::shape_text;
using softf1::value_error;

/// The same elements as row-major T.
template <class T>
softf1::io::array row_major(softf1::io::array const& values, std::string const& path) {
  if (values.holds<T>() && values.order() == softf1::io::storage_order::row_major) return values;
  return softf1::io::make_array(values.as<T>(path), values.shape());
}

using shape_type = std::vector<std::size_t>;

void require_same_shape(std::string const& path, shape_type const& shape, std::string const& scores_path,
                        shape_type const& scores_shape) {
  if (shape != scores_shape)
    throw shape_error(fmt::format("{} has shape {}, {} has {}: they must be the same", path, shape_text(shape),
                                  scores_path, shape_text(scores_shape)));
}

/// Where `b` first differs from `a`, which has as many names; nothing where one of them has none.
std::optional<std::size_t> first_difference(std::vector<std::string> const& a, std::vector<std::string> const& b) {
  for (std::size_t k = 0; k < a.size() && k < b.size(); ++k)
    if (a[k] != b[k]) return k;
  return std::nullopt;
}

void require_same_names(std::string const& what, std::string const& path_a, std::vector<std::string> const& a,
                        std::string const& path_b, std::vector<std::string> const& b, std::string const& advice = {}) {
  if (auto const k = first_difference(a, b))
    throw value_error(fmt::format("{} {} is '{}' in {}, '{}' in {}{}", what, *k, a[*k], path_a, b[*k], path_b, advice));
}

/// Mask cells that are not 0 are present.
std::vector<std::uint8_t> mask_of(std::string const& path, softf1::io::array const& values,
                                  score_matrix const& scores) {
  auto const numbers = values.as<double>(path);
  std::vector<std::uint8_t> mask(numbers.size());
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    if (std::isnan(numbers[k]))
      throw value_error(fmt::format("{}: row {}, {}: a mask must not be NaN (0 is missing, others are present)", path,
                                    scores.first_row + k / scores.labels(), scores.label_text(k % scores.labels())));
    mask[k] = numbers[k] != 0;
  }
  return mask;
}

/// The mask without the targets that mean missing.
std::vector<std::uint8_t> mask_missing(softf1::io::array const& targets, std::string const& path, double missing,
                                       std::vector<std::uint8_t> const& mask) {
  softf1::context<softf1::cpu> ctx({.threads = 1});
  auto const numbers = targets.as<double>(path);
  auto const present = softf1::mask_of_missing(
      ctx, softf1::as_matrix(numbers, targets.rows(), targets.cols()), missing,
      mask.empty() ? softf1::mask_view<>() : softf1::as_matrix(mask, targets.rows(), targets.cols()));
  return {present.data(), present.data() + present.size()};
}

std::vector<double> row_weights_of(std::string const& path, softf1::io::array const& values, std::size_t first_row) {
  auto weights = values.as<double>(path);
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (!(weights[i] >= 0) || std::isinf(weights[i]))
      throw value_error(fmt::format("{}: row {}: a row weight must be finite and >= 0, got {}", path, first_row + i,
                                    number_text(weights[i])));
  return weights;
}

std::vector<std::uint8_t> targets_of(std::string const& path, softf1::io::array const& values,
                                     score_matrix const& scores, std::vector<std::uint8_t> const& mask) {
  std::vector<std::uint8_t> targets(values.size());
  softf1::io::visit_dtype(values.type(), [&]<class T>(std::type_identity<T>) {
    auto const view = values.view<T>();
    for (std::size_t k = 0; k < targets.size(); ++k) {
      if (!mask.empty() && mask[k] == 0) continue;
      std::size_t const i = k / view.cols(), j = k % view.cols();
      auto const target = softf1::io::detail::convert<double>(view(i, j));
      if (target != 0 && target != 1)
        throw value_error(
            fmt::format("{}: row {}, {}: a target must be 0 or 1 (--mask or --missing names the missing), got {}", path,
                        scores.first_row + i, scores.label_text(j), number_text(target)));
      targets[k] = target == 1;
    }
  });
  return targets;
}

void check_scores(score_matrix const& scores, std::vector<std::uint8_t> const& mask) {
  bool const any_number = scores.domain == softf1::logit;
  with_scores(scores, [&](auto view) {
    for (std::size_t i = 0; i < view.rows(); ++i)
      for (std::size_t j = 0; j < view.cols(); ++j) {
        auto const s = view(i, j);
        bool const is_good = any_number ? s == s : s >= 0 && s <= 1;
        if (is_good || (!mask.empty() && mask[i * view.cols() + j] == 0)) continue;
        auto const place = fmt::format("{}: row {}, {}: ", scores.path, scores.first_row + i, scores.label_text(j));
        if (s != s) throw value_error(place + "a score must not be NaN");
        throw value_error(place + "a probability must lie in [0, 1], got " + number_text(static_cast<double>(s)) +
                          ": give --logits if the scores are logits");
      }
  });
}

/// The length of the UTF-8 sequence that text begins with; 0 where it begins with none.
std::size_t utf8_length(std::string_view text) {
  auto const byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  std::size_t const length = byte(0) < 0x80                      ? 1
                             : byte(0) >= 0xC2 && byte(0) < 0xE0 ? 2
                             : byte(0) >= 0xE0 && byte(0) < 0xF0 ? 3
                             : byte(0) >= 0xF0 && byte(0) < 0xF5 ? 4
                                                                 : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t k = 1; k < length; ++k)
    if ((byte(k) & 0xC0) != 0x80) return 0;
  return length;
}

void require_scores(std::string const& path, softf1::io::dtype type, shape_type const& shape) {
  if (type != softf1::io::dtype::f16 && type != softf1::io::dtype::f32 && type != softf1::io::dtype::f64)
    throw io_error(path + ": scores must be of dtype f16, f32 or f64, got " + std::string(name_of(type)));
  if (shape[0] == 0 || shape[1] == 0)
    throw shape_error(
        fmt::format("{}: expected at least one row and one label, got shape {}", path, shape_text(shape)));
}

/// Scores without a look at their values: what may be NaN depends on the mask.
score_matrix as_scores(score_options const& options, softf1::io::named_matrix file) {
  score_matrix scores{options.scores, options.logits ? softf1::logit : softf1::probability, std::move(file.values),
                      std::move(file.columns), std::move(file.rows)};
  check_names(scores.path, scores.label_names);
  auto const type = scores.values.type();
  require_scores(scores.path, type, scores.values.shape());
  scores.values = type == softf1::io::dtype::f64 ? row_major<double>(scores.values, scores.path)
                                                 : row_major<float>(scores.values, scores.path);
  return scores;
}

score_matrix read_scores(score_options const& options) {
  return as_scores(options, softf1::read_matrix(options.scores));
}

/// A matrix of a file, whole or in blocks of rows.
class matrix_rows {
 public:
  /// `in_blocks`: a .npy file is not read as a whole.
  matrix_rows(std::string const& path, bool in_blocks) {
    using namespace softf1::io::detail;
    if (in_blocks && (first_bytes(path, "read_matrix").starts_with(npy_magic) || ends_with_extension(path, ".npy"))) {
      stream_.emplace(path);
      if (stream_->shape().size() > 2)
        throw io_error(path + ": expected a matrix, got an array of shape " + shape_text(stream_->shape()));
      shape_ = {stream_->rows(), stream_->shape().size() == 2 ? stream_->shape()[1] : 1};
      return;
    }
    whole_ = softf1::read_matrix(path);
    shape_ = {whole_.values.rows(), whole_.values.cols()};
  }

  softf1::io::dtype type() const { return stream_ ? stream_->type() : whole_.values.type(); }

  /// (rows, columns).
  shape_type const& shape() const { return shape_; }
  std::vector<std::string> const& column_names() const { return whole_.columns; }
  std::vector<std::string> const& row_names() const { return whole_.rows; }

  /// The next rows, `count` or as many as are left.
  softf1::io::array next(std::size_t count) {
    std::size_t const first = position_, n = std::min(count, shape_[0] - first);
    position_ += n;
    if (stream_) {
      auto const block = stream_->read_rows(n);
      return {block.type(), {n, shape_[1]}, block.order(), block.bytes(), block.owner()};
    }
    auto const& all = whole_.values;
    if (n == shape_[0]) return all;
    // Text is read row by row.
    std::size_t const row_bytes = all.bytes().size() / shape_[0];
    return {
        all.type(), {n, shape_[1]}, all.order(), all.bytes().subspan(first * row_bytes, n * row_bytes), all.owner()};
  }

 private:
  std::optional<softf1::npy_reader> stream_;
  softf1::io::named_matrix whole_;
  shape_type shape_;
  std::size_t position_ = 0;
};

/// How scores are told to be of a domain.
char const* advice_for(softf1::score_domain domain) {
  return domain == softf1::logit         ? ": give --logits if it holds logits"
         : domain == softf1::probability ? ": leave --logits out if it holds probabilities"
                                         : "";
}

std::vector<std::string> load_label_names(std::string const& path, std::string const& scores_path, std::size_t labels) {
  auto names = softf1::read_lines(path);
  if (names.size() != labels)
    throw io_error(fmt::format("{}: expected {} label names, one for each column of {}, got {}", path, labels,
                               scores_path, names.size()));
  for (std::size_t j = 0; j < names.size(); ++j)
    if (names[j].empty())
      throw io_error(fmt::format("{}: line {}: expected a label name, got an empty line", path, j + 1));
  check_names(path, names);
  return names;
}

}  // namespace

std::string score_matrix::label_text(std::size_t j) const {
  return label_names.empty() ? fmt::format("label {}", j) : fmt::format("label '{}'", label_names[j]);
}

scored_rows dataset::rows() const {
  std::size_t const n = scores.rows(), labels = scores.labels();
  scored_rows all{with_scores(scores, [](auto view) { return decltype(scored_rows::scores)(view); }),
                  {target_values.data(), n, labels},
                  scores.domain};
  if (!mask_values.empty()) all.mask = {mask_values.data(), n, labels};
  if (!weights.empty()) all.row_weights = {weights.data(), n};
  return all;
}

score_matrix load_scores(score_options const& options) {
  auto scores = read_scores(options);
  check_scores(scores, {});
  return scores;
}

void check_names(std::string const& path, std::vector<std::string> const& names) {
  for (std::size_t j = 0; j < names.size(); ++j)
    for (std::string_view rest = names[j]; !rest.empty(); rest.remove_prefix(utf8_length(rest))) {
      if (utf8_length(rest) == 0)
        throw io_error(fmt::format("{}: the name of label {} is not UTF-8: save the file as UTF-8", path, j));
      if (static_cast<unsigned char>(rest[0]) < 0x20)
        throw io_error(fmt::format("{}: the name of label {} has a tab or a line end in it", path, j));
    }
}

/// The files of a data set, and how far they are read.
struct dataset_blocks::files {
  dataset_options options;
  bool in_blocks;
  matrix_rows scores, targets;
  std::optional<matrix_rows> mask, weights;
  std::vector<std::string> label_names;
  std::size_t count, row = 0;  ///< the rows of a block; the next row

  files(dataset_options const& o, std::size_t rows)
      : options(o), in_blocks(rows != all_rows), scores(opened_scores(o, in_blocks)), targets(o.targets, in_blocks) {
    auto const& shape = scores.shape();
    count = rows != 0 ? std::min(rows, shape[0]) : std::max<std::size_t>(1, cells_a_block / shape[1]);
    require_same_shape(o.targets, targets.shape(), o.scores, shape);
    require_same_names("the name of row", o.scores, scores.row_names(), o.targets, targets.row_names());
    label_names = scores.column_names();
    if (!o.label_names.empty()) {
      label_names = load_label_names(o.label_names, o.scores, shape[1]);
    } else {
      require_same_names("the name of label", o.scores, label_names, o.targets, targets.column_names(),
                         " (--label-names overrides both)");
      if (!targets.column_names().empty()) label_names = targets.column_names();
      check_names(o.targets, targets.column_names());
    }
    if (!o.mask.empty()) {
      mask.emplace(o.mask, in_blocks);
      require_same_shape(o.mask, mask->shape(), o.scores, shape);
    }
    if (!o.row_weights.empty()) {
      weights.emplace(o.row_weights, in_blocks);
      if (weights->shape() != shape_type{shape[0], 1})
        throw shape_error(fmt::format("{}: expected {} row weights, one for each row of {}, got shape {}",
                                      o.row_weights, shape[0], o.scores, shape_text(weights->shape())));
    }
  }

  dataset next() {
    dataset data{as_scores(options, {scores.next(count), {}, {}}), {}, {}, {}};
    data.scores.first_row = row;
    data.scores.label_names = label_names;
    if (data.scores.rows() == scores.shape()[0]) data.scores.row_names = scores.row_names();
    row += data.scores.rows();
    auto const target_values = targets.next(count);
    if (mask) data.mask_values = mask_of(options.mask, mask->next(count), data.scores);
    if (!options.missing.empty())
      data.mask_values = mask_missing(target_values, options.targets, missing_named(options.missing), data.mask_values);
    if (weights) data.weights = row_weights_of(options.row_weights, weights->next(count), data.scores.first_row);
    check_scores(data.scores, data.mask_values);
    data.target_values = targets_of(options.targets, target_values, data.scores, data.mask_values);
    return data;
  }

 private:
  static constexpr std::size_t cells_a_block = std::size_t{1} << 20;

  static matrix_rows opened_scores(dataset_options const& o, bool in_blocks) {
    matrix_rows scores(o.scores, in_blocks);
    check_names(o.scores, scores.column_names());
    require_scores(o.scores, scores.type(), scores.shape());
    return scores;
  }
};

dataset_blocks::dataset_blocks(dataset_options const& options, std::size_t rows)
    : files_(std::make_unique<files>(options, rows)) {}
dataset_blocks::~dataset_blocks() = default;

std::optional<dataset> dataset_blocks::next() {
  if (files_->row == files_->scores.shape()[0]) return std::nullopt;
  return files_->next();
}

dataset load_dataset(dataset_options const& options) {
  return *dataset_blocks(options, dataset_blocks::all_rows).next();
}

double missing_named(std::string const& text) {
  return text == "nan" ? std::numeric_limits<double>::quiet_NaN() : softf1::parse_number(text, "--missing");
}

void check_missing(std::string const& text) { missing_named(text); }

score_matrix load_other_scores(std::string const& path, dataset const& data) {
  auto const& calibration = data.scores.calibration;
  auto other = read_scores({path, (calibration ? calibration->domain : data.scores.domain) == softf1::logit});
  require_same_shape(path, other.values.shape(), data.scores.path, data.scores.values.shape());
  require_same_names("the name of row", data.scores.path, data.scores.row_names, path, other.row_names);
  require_same_names("the name of label", data.scores.path, data.scores.label_names, path, other.label_names);
  check_scores(other, data.mask_values);
  return calibration ? calibrated(std::move(other), *calibration, data.scores.path) : other;
}

std::vector<named_path> files_of(dataset_options const& options) {
  return {{"--scores", options.scores},
          {"--targets", options.targets},
          {"--mask", options.mask},
          {"--row-weights", options.row_weights},
          {"--label-names", options.label_names}};
}

score_matrix calibrated(score_matrix scores, softf1::calibration_map const& calibration, std::string const& source) {
  if (calibration.labels() != scores.labels())
    throw shape_error(fmt::format("{} has a calibration of {} labels, {} has scores of {}", source,
                                  calibration.labels(), scores.path, scores.labels()));
  if (calibration.domain != scores.domain)
    throw value_error(fmt::format("the calibration of {} takes {} scores, {} is read as {} scores{}", source,
                                  name_of(calibration.domain), scores.path, name_of(scores.domain),
                                  advice_for(calibration.domain)));
  require_same_names("the name of label", source, calibration.label_names, "the scores", scores.label_names);
  if (scores.label_names.empty()) scores.label_names = calibration.label_names;
  std::vector<double> probabilities(scores.values.size());
  softf1::context<softf1::cpu> ctx({.threads = 1});
  with_scores(scores, [&](auto view) {
    calibration.apply(ctx, view, softf1::as_matrix(probabilities, view.rows(), view.cols()));
  });
  scores.values = softf1::io::make_array(std::move(probabilities), scores.values.shape());
  scores.domain = softf1::score_domain::calibrated;
  scores.calibration = std::make_shared<softf1::calibration_map>(calibration);
  return scores;
}

softf1::decision_rule load_rule(std::string const& path, score_matrix& scores) {
  auto [rule, calibration] = softf1::read_calibrated_rule(path);
  if (calibration) scores = calibrated(std::move(scores), *calibration, path);
  if (auto const labels = softf1::decisions::labels_of(rule); labels && *labels != scores.labels())
    throw shape_error(
        fmt::format("{} is for {} labels, {} has scores of {}", path, *labels, scores.path, scores.labels()));
  if (auto const its = softf1::decisions::domain_in(rule); its && *its != scores.domain)
    throw value_error(fmt::format("{} is for {} scores, {} is read as {} scores{}", path, name_of(*its), scores.path,
                                  name_of(scores.domain), advice_for(*its)));
  if (auto const* const names = softf1::decisions::label_names_in(rule)) {
    require_same_names("the name of label", path, *names, "the scores", scores.label_names);
    if (scores.label_names.empty()) scores.label_names = *names;
  }
  return rule;
}

}  // namespace program
