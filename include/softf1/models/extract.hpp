// Features of many images, cached between runs.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/data/feature_cache.hpp>
#include <softf1/data/image_loader.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/models/extractor_on.hpp>

namespace softf1::inline SOFTF1_ABI::models {

struct extract_options {
  std::size_t batch_size = 32;           ///< images in memory at once: a few batches of them
  std::vector<std::size_t> rows = {};    ///< images that are wanted, ascending; empty: all
  data::feature_cache* cache = nullptr;  ///< looked up first, and told of each new row; null: none
  image::decode_options decode = {};
  std::function<void(std::size_t done, std::size_t of)> progress = {};  ///< images, after each batch
  std::function<bool()> stop_requested = {};                            ///< asked after each batch
};

/// The features of those images that could be read.
struct extracted_features {
  std::vector<std::size_t> rows;              ///< n: of the images, ascending
  std::vector<float> values;                  ///< (n, D)
  std::size_t dimension = 0;                  ///< D
  std::vector<data::image_failure> failures;  ///< their rows, and why
  std::size_t cached = 0;                     ///< of the rows, how many were in the cache
  bool stopped = false;                       ///< on request, before all were done: what is there is in the cache

  matrix_view<const float> view() const { return {values.data(), rows.size(), dimension}; }
};

/// What turns batches of images into features: an extractor, wherever it runs.
struct batch_extractor {
  image::preprocessing input;  ///< how images are prepared
  std::size_t dimension = 0;   ///< D
  bool bytes = false;          ///< takes batches as bytes
  int threads = 0;             ///< that prepare images; 0: as many as the machine has
  std::function<void(data::image_batch const& images, matrix_view<float> features)> run;  ///< features (n, D)
};

namespace detail {

/// What the cache has is taken from it; the rest is put where the loader finds it.
class extraction {
 public:
  extraction(batch_extractor const& of, std::shared_ptr<data::image_source const> images,
             std::vector<std::string> const& ids, extract_options const& options)
      : extractor_(of),
        images_(std::move(images)),
        ids_(ids),
        options_(options),
        dimension_(of.dimension),
        wanted_(options.rows.empty() ? data::every_row(ids.size()) : options.rows),
        known_(wanted_.size()),
        values_(wanted_.size() * dimension_) {}

  extracted_features run() {
    look_up();
    extract();
    if (options_.cache && !result_.stopped) options_.cache->commit();
    return collect();
  }

 private:
  // Places below are those in the list of what is wanted.
  void look_up() {
    for (std::size_t k = 0; k < wanted_.size(); ++k) {
      if (options_.cache) {
        stamps_.push_back(images_->stamp(wanted_[k]));
        auto const row = options_.cache->find(ids_[wanted_[k]], stamps_[k]);
        if (!row.empty() && stamps_[k].time != 0) {
          std::copy(row.begin(), row.end(), values_.begin() + static_cast<std::ptrdiff_t>(k * dimension_));
          known_[k] = true;
          ++result_.cached;
          continue;
        }
      }
      missing_.push_back(k);
    }
  }

  void extract() {
    if (missing_.empty()) return;
    std::vector<std::size_t> rows;
    for (std::size_t k : missing_) rows.push_back(wanted_[k]);
    data::image_loader loader(images_, std::move(rows),
                              {.preprocessing = extractor_.input,
                               .decode = options_.decode,
                               .batch_size = options_.batch_size,
                               .threads = extractor_.threads,
                               .bytes = extractor_.bytes});
    data::image_batch batch;
    std::vector<float> features;
    std::size_t done = 0;
    while (loader.next(batch)) {
      std::size_t const n = batch.indices.size();
      features.resize(n * dimension_);
      extractor_.run(batch, {features.data(), n, dimension_});
      for (std::size_t k = 0; k < n; ++k) keep(missing_[batch.indices[k]], &features[k * dimension_]);
      done = std::min(done + options_.batch_size, missing_.size());
      if (options_.progress) options_.progress(done, missing_.size());
      if (options_.stop_requested && options_.stop_requested()) {
        result_.stopped = done < missing_.size();
        break;
      }
    }
    for (auto const& failure : loader.failures())
      result_.failures.push_back({wanted_[missing_[failure.index]], failure.reason});
  }

  void keep(std::size_t k, float const* row) {
    std::copy(row, row + dimension_, values_.begin() + static_cast<std::ptrdiff_t>(k * dimension_));
    known_[k] = true;
    if (options_.cache) options_.cache->append(ids_[wanted_[k]], stamps_[k], {row, dimension_});
  }

  extracted_features collect() {
    result_.dimension = dimension_;
    for (std::size_t k = 0; k < wanted_.size(); ++k) {
      if (!known_[k]) continue;
      auto const from = values_.begin() + static_cast<std::ptrdiff_t>(k * dimension_);
      std::copy(from, from + static_cast<std::ptrdiff_t>(dimension_),
                values_.begin() + static_cast<std::ptrdiff_t>(result_.rows.size() * dimension_));
      result_.rows.push_back(wanted_[k]);
    }
    values_.resize(result_.rows.size() * dimension_);
    result_.values = std::move(values_);
    return std::move(result_);
  }

  batch_extractor const& extractor_;
  std::shared_ptr<data::image_source const> images_;
  std::vector<std::string> const& ids_;
  extract_options const& options_;
  std::size_t dimension_;
  std::vector<std::size_t> wanted_;
  std::vector<bool> known_;
  std::vector<float> values_;
  std::vector<data::file_stamp> stamps_;
  std::vector<std::size_t> missing_;
  extracted_features result_;
};

}  // namespace detail

/// What the features of a data set are kept under: they may be used again where this is the same.
inline std::string cache_key(extractor const& of, std::string const& images) {
  return to_json(of.identity()).dump() + " images " + images;
}

/// The same for features of images as bytes, which are rounded to whole levels. `precision` is what features are
/// rounded by on their way ("bf16", …); empty: float throughout. Neither is ever taken for features of floats.
inline std::string cache_key_of_bytes(extractor_identity const& id, std::string_view precision,
                                      std::string const& images) {
  auto form = to_json(id);
  form["bytes"] = true;
  if (!precision.empty()) form["precision"] = precision;
  return form.dump() + " images " + images;
}
template <class T, class B>
std::string cache_key(extractor_on<T, B> const& of, std::string const& images) {
  return cache_key_of_bytes(of.identity(), of.precision(), images);
}

/// Runs an extractor over images; image i is known in the cache by `ids[i]`. Images that cannot be read are listed, not
/// fatal. Throws io_error where the cache cannot be written, shape_error unless ids and images are as many, value_error
/// for rows that there are not. Memory: N · D features, and some batches of pixels.
inline extracted_features extract_features(batch_extractor const& of, std::shared_ptr<data::image_source const> images,
                                           std::vector<std::string> const& ids, extract_options const& options = {}) {
  require_shape("extract_features", "ids", {images->size()}, std::vector<std::size_t>{ids.size()});
  for (std::size_t row : options.rows)
    require_value(row < ids.size(), "extract_features",
                  "rows must be below " + std::to_string(ids.size()) + ", got " + std::to_string(row));
  return detail::extraction(of, std::move(images), ids, options).run();
}

/// The same for image files.
inline extracted_features extract_features(batch_extractor const& of, std::vector<std::string> const& paths,
                                           std::vector<std::string> const& ids, extract_options const& options = {}) {
  return extract_features(of, std::make_shared<data::image_files>(paths), ids, options);
}

/// An extractor on the host as a batch_extractor; both must outlive it.
inline batch_extractor batches_of(context<cpu>& ctx, extractor const& of) {
  return {.input = of.input(),
          .dimension = of.dimension(),
          .threads = ctx.threads(),
          .run = [&](data::image_batch const& images, matrix_view<float> features) {
            of.run(ctx, images.pixels, features);
          }};
}

/// An extractor on a backend as a batch_extractor; both must outlive it. Images are prepared by `threads` of the host.
template <class T, class B>
batch_extractor batches_of(context<B>& ctx, extractor_on<T, B> const& of, int threads = 0) {
  return {.input = of.input(),
          .dimension = of.dimension(),
          .bytes = true,
          .threads = threads,
          .run = [&](data::image_batch const& images, matrix_view<float> features) {
            of.run_from_host(ctx, images.bytes, features);
          }};
}

/// The same for an extractor on the host, or on a backend.
inline extracted_features extract_features(context<cpu>& ctx, extractor const& of,
                                           std::vector<std::string> const& paths, std::vector<std::string> const& ids,
                                           extract_options const& options = {}) {
  return extract_features(batches_of(ctx, of), paths, ids, options);
}
template <class T, class B>
extracted_features extract_features(context<B>& ctx, extractor_on<T, B> const& of,
                                    std::vector<std::string> const& paths, std::vector<std::string> const& ids,
                                    extract_options const& options = {}) {
  return extract_features(batches_of(ctx, of), paths, ids, options);
}

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::extract_features;
}  // namespace softf1::inline SOFTF1_ABI
