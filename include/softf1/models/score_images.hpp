// Logits of many images, of one crop or of several, without their features being kept.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/data/image_loader.hpp>
#include <softf1/math/sigmoid.hpp>
#include <softf1/models/extract.hpp>
#include <softf1/models/model.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// What is made of an image's crops: the mean or the largest of their probabilities, or the mean of their logits.
enum class crop_reduction { mean, max, mean_logit };

constexpr std::string_view name_of(crop_reduction r) {
  return r == crop_reduction::mean ? "mean" : r == crop_reduction::max ? "max" : "mean_logit";
}

/// Throws value_error where there is none of that name.
inline crop_reduction crop_reduction_named(std::string_view name) {
  for (auto r : {crop_reduction::mean, crop_reduction::max, crop_reduction::mean_logit})
    if (name_of(r) == name) return r;
  throw value_error("no reduction of crops is named '" + std::string(name) + "', there are mean, max, mean_logit");
}

namespace detail {

/// log of a sum of probabilities: none is taken to be nearer to 0 than this, so that logits are finite.
inline double log_of_share(double sum) { return std::log(sum < 1e-300 ? 1e-300 : sum); }

inline void softmax_row(float const* logits, std::size_t labels, std::vector<double>& to) {
  to.assign(logits, logits + labels);
  double const highest = *std::max_element(to.begin(), to.end());
  double sum = 0;
  for (double& z : to) sum += z = std::exp(z - highest);
  for (double& p : to) p /= sum;
}

/// One label of an image: `logits` of its crops lie `stride` apart.
inline double reduced_label(float const* logits, std::size_t crops, std::size_t stride, crop_reduction how) {
  double highest = static_cast<double>(logits[0]), sum = 0, yes = 0, no = 0;
  for (std::size_t c = 0; c < crops; ++c) {
    auto const z = static_cast<double>(logits[c * stride]);
    auto const p = math::sigmoid_with_parts(z);
    highest = z > highest ? z : highest;
    sum += z;
    yes += p.value;
    no += p.complement;
  }
  if (how == crop_reduction::max) return highest;
  if (how == crop_reduction::mean_logit) return sum / static_cast<double>(crops);
  // logit of the mean: log(yes / C) - log(no / C), accurate at both ends.
  return log_of_share(yes) - log_of_share(no);
}

inline void reduce_softmax(float const* logits, std::size_t crops, std::size_t labels, crop_reduction how, float* out) {
  std::vector<double> total(labels), one;
  for (std::size_t c = 0; c < crops; ++c) {
    softmax_row(logits + c * labels, labels, one);
    for (std::size_t j = 0; j < labels; ++j)
      total[j] = how == crop_reduction::max ? std::max(total[j], one[j]) : total[j] + one[j];
  }
  double const parts = how == crop_reduction::max ? 1 : static_cast<double>(crops);
  for (std::size_t j = 0; j < labels; ++j) out[j] = static_cast<float>(log_of_share(total[j] / parts));
}

}  // namespace detail

/// Logits of images from those of their crops: logits (n C, L), the crops of an image one after the other; out (n, L).
///
/// mean: the logit of the mean probability, log Σσ(z_c) − log Σσ(−z_c). max: the largest logit, which is the logit of
/// the largest probability. mean_logit: the mean of z_c. For multiclass, probabilities are those of the softmax, and the
/// result is the logarithm of their mean, or of their largest: its softmax is the mean itself. Sums of probabilities are
/// taken to be at least 1e-300, so that logits are finite, within about ±700. One crop: its logits, to the bit.
/// Computed in double. Throws shape_error where logits are not C times as many rows, value_error for no crops.
inline void reduce_crops(matrix_view<const float> logits, std::size_t crops, crop_reduction how, task t,
                         matrix_view<float> out) {
  require_value(crops > 0, "reduce_crops", "expected at least 1 crop, got 0");
  require_shape("reduce_crops", "logits", {out.rows() * crops, out.cols()}, logits.shape());
  std::size_t const labels = out.cols();
  for (std::size_t i = 0; i < out.rows(); ++i) {
    float const* const from = logits.data() + i * crops * labels;
    if (crops == 1)
      std::copy_n(from, labels, &out(i, 0));
    else if (t == task::multiclass && how != crop_reduction::mean_logit)
      detail::reduce_softmax(from, crops, labels, how, &out(i, 0));
    else
      for (std::size_t j = 0; j < labels; ++j)
        out(i, j) = static_cast<float>(detail::reduced_label(from + j, crops, labels, how));
  }
}

/// A head, wherever it runs: features (n, D) to logits (n, L).
using head_function = std::function<void(matrix_view<const float> features, matrix_view<float> logits)>;

struct score_images_options {
  image::crop_list crops = {};                   ///< none: the plain preprocessing
  crop_reduction reduce = crop_reduction::mean;  ///< what is made of them
  models::task task = models::task::multilabel;  ///< what probabilities are
  std::vector<std::size_t> rows = {};            ///< images that are wanted, in this order; empty: all
  std::size_t batch_size = 32;                   ///< crops at once; at least those of one image
  image::decode_options decode = {};
  std::function<void(std::size_t done, std::size_t of)> progress = {};  ///< images, after each batch
  std::function<bool()> stop_requested = {};                            ///< asked after each batch
};

/// The logits of those images that could be read.
struct scored_images {
  std::vector<std::size_t> rows;              ///< n: of the source, in the order wanted
  std::vector<float> logits;                  ///< (n, L)
  std::size_t labels = 0;                     ///< L
  std::vector<data::image_failure> failures;  ///< their rows, and why
  bool stopped = false;                       ///< on request, before all were done

  matrix_view<const float> view() const { return {logits.data(), rows.size(), labels}; }
};

/// Logits of the images of a source: `of` makes features of their crops, `head` logits of features, and crops are
/// reduced as reduce_crops says. Images that cannot be read are listed, not fatal. The next batches are read by
/// `of.threads` while one is in work.
///
/// Memory: some batches of pixels and the features of one, whatever the number of images, and N · L logits. The same bits
/// at any number of threads. Throws value_error for 0 labels, a batch_size of 0 and rows that there are not.
inline scored_images score_images(batch_extractor const& of, head_function const& head, std::size_t labels,
                                  std::shared_ptr<data::image_source const> images,
                                  score_images_options const& options = {}) {
  require_value(labels > 0, "score_images", "expected at least 1 label, got 0");
  require_value(options.batch_size > 0, "score_images", "batch_size must be at least 1, got 0");
  auto rows = options.rows;
  if (rows.empty() && images) {
    rows.resize(images->size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
  }
  std::size_t const per_batch = std::max<std::size_t>(1, options.batch_size / options.crops.count());
  data::image_loader loader(std::move(images), rows,
                            {.preprocessing = of.input,
                             .decode = options.decode,
                             .batch_size = per_batch,
                             .threads = of.threads,
                             .bytes = of.bytes,
                             .crops = options.crops});
  scored_images result;
  result.labels = labels;
  data::image_batch batch;
  std::vector<float> features, logits;
  for (std::size_t done = 0; loader.next(batch);) {
    std::size_t const n = batch.indices.size(), crops = n * batch.crops;
    features.resize(crops * of.dimension);
    logits.resize(crops * labels);
    if (n > 0) {
      of.run(batch, {features.data(), crops, of.dimension});
      head({features.data(), crops, of.dimension}, {logits.data(), crops, labels});
    }
    result.logits.resize(result.logits.size() + n * labels);
    reduce_crops({logits.data(), crops, labels}, batch.crops, options.reduce, options.task,
                 {result.logits.data() + result.rows.size() * labels, n, labels});
    for (std::size_t k : batch.indices) result.rows.push_back(rows[k]);
    done = std::min(done + per_batch, rows.size());
    if (options.progress) options.progress(done, rows.size());
    if (options.stop_requested && options.stop_requested()) {
      result.stopped = done < rows.size();
      break;
    }
  }
  for (auto const& failure : loader.failures()) result.failures.push_back({rows[failure.index], failure.reason});
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::crop_reduction;
using models::score_images;
}  // namespace softf1::inline SOFTF1_ABI
