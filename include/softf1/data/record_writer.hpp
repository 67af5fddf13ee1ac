// A table and its images as shards of records.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/record_rows.hpp>
#include <softf1/data/example_record.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/data/tar.hpp>
#include <softf1/io/tfrecord.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// What shards of records are.
enum class record_format : unsigned char { tfrecord, webdataset };

/// How shards of records are written.
struct record_write_options {
  std::size_t shards = 1;
  record_format format = record_format::tfrecord;
  record_message message = record_message::sequence_example;  ///< of TFRecord files
  record_features features = {};                              ///< the same
  std::vector<std::size_t> order = {};                        ///< rows as they are written; empty: as in the table
  int threads = 0;                                            ///< 0: as many as the machine has
  /// Throws softf1::error for an image that is to be left out; called by several threads. Empty: all are good.
  std::function<void(std::span<std::byte const> image, std::string const& name)> check = {};
  /// Called with how many rows are done; false stops, and the shards that are not whole yet are not written.
  std::function<bool(std::size_t done)> progress = {};
};

/// An image that was left out.
struct unwritten_image {
  std::size_t row;
  std::string reason;  ///< one sentence
};

/// What was written.
struct written_records {
  std::vector<std::string> shards;  ///< their paths
  std::size_t records = 0;
  std::vector<unwritten_image> failures;  ///< in the order of writing
  bool stopped = false;
};

/// "train.tfrecord", or of four shards "train-00000-of-00004.tfrecord" to "train-00003-of-00004.tfrecord".
inline std::string shard_path(std::string const& path, std::size_t shard, std::size_t shards) {
  if (shards == 1) return path;
  auto const dot = path.rfind('.');
  bool const has_extension = dot != path.npos && path.find('/', dot) == path.npos;
  auto const stem = has_extension ? path.substr(0, dot) : path;
  char number[64];
  std::snprintf(number, sizeof number, "-%05zu-of-%05zu", shard, shards);
  return stem + number + path.substr(stem.size());
}

namespace detail {

/// One shard of either format.
class shard_writer {
 public:
  shard_writer(std::string const& path, record_write_options const& options, std::set<std::string>& keys,
               std::string_view who)
      : options_(options), keys_(keys) {
    if (options.format == record_format::tfrecord)
      records_ = std::make_unique<io::tfrecord_writer>(path, std::string(who));
    else
      archive_ = std::make_unique<tar_writer>(path, std::string(who));
  }

  void write(example_record const& record) {
    if (records_) return records_->write(encode_record(record, options_.message, options_.features));
    // A key ends at the first dot, so that it has none.
    auto name = safe_name(record.path);
    auto const base = name.rfind('/') + 1;
    auto const dot = name.rfind('.');
    bool const has_extension = dot != name.npos && dot > base;
    auto const extension = has_extension ? name.substr(dot) : ".jpg";
    auto key = has_extension ? name.substr(0, dot) : name;
    std::replace(key.begin() + static_cast<std::ptrdiff_t>(base), key.end(), '.', '_');
    while (!keys_.insert(key).second) key += '_';
    std::string labels;
    for (auto const label : record.labels)
      labels += (labels.empty() ? "" : ", ") + (label < 0 ? "null" : std::to_string(label));
    archive_->add(key + extension, record.image);
    archive_->add(key + ".json", "{\"labels\": [" + labels + "]}");
  }

  void close() { records_ ? records_->close() : archive_->close(); }

 private:
  record_write_options const& options_;
  std::unique_ptr<io::tfrecord_writer> records_;
  std::unique_ptr<tar_writer> archive_;
  std::set<std::string>& keys_;  // of all shards
};

/// An image that was read ahead.
struct image_ahead {
  std::vector<std::byte> memory;
  std::span<std::byte const> bytes{};
  std::string failure;
  std::exception_ptr error;
};

/// Reads and checks some images at the same time.
inline void read_ahead(image_source const& images, std::span<std::size_t const> rows,
                       record_write_options const& options, std::span<image_ahead> ahead) {
  std::atomic<std::size_t> next{0};
  auto const work = [&] {
    for (std::size_t k; (k = next++) < rows.size();) {
      auto& image = ahead[k];
      image.failure.clear();
      try {
        image.bytes = images.read(rows[k], image.memory);
        if (image.bytes.empty()) image.failure = images.name(rows[k]) + ": the image has no bytes";
        if (image.failure.empty() && options.check) options.check(image.bytes, images.name(rows[k]));
      } catch (softf1::error const& e) {
        image.failure = e.what();
      } catch (...) {
        image.error = std::current_exception();
      }
    }
  };
  std::size_t const wanted =
      options.threads > 0 ? static_cast<std::size_t>(options.threads) : std::thread::hardware_concurrency();
  std::vector<std::jthread> threads;
  try {
    for (std::size_t k = 1; k < std::min(wanted, rows.size()); ++k) threads.emplace_back(work);
  } catch (std::system_error const&) {
    // Fewer threads do the same.
  }
  work();
}

}  // namespace detail

/// Writes a table and its images (image i belongs to row i) as `options.shards` files of about as many rows, consecutive
/// ones of the order: TFRecord, or WebDataset archives of KEY.jpg and KEY.json. A record's path is the row's image name;
/// a target that is missing is -1 (null in an archive). Images that cannot be read or do not pass the check are left
/// out. Each shard appears under its name when it is whole. The same rows give the same bytes, at any number of threads.
/// Throws value_error where the images are not as many as the rows, for no shards, and for an index in `order` that no
/// row has; io_error where a shard cannot be written. Cost: a few images in memory for each thread.
inline written_records write_records(std::string const& path, label_table const& table, image_source const& images,
                                     record_write_options const& options = {}) {
  constexpr std::string_view who = "write_records";
  require_value(images.size() == table.rows(), who,
                "expected " + std::to_string(table.rows()) + " images as rows, got " + std::to_string(images.size()));
  require_value(options.shards >= 1 && options.shards < 100'000, who,
                "shards must be from 1 to 99999, got " + std::to_string(options.shards));
  auto order = options.order;
  if (order.empty())
    for (std::size_t i = 0; i < table.rows(); ++i) order.push_back(i);
  for (auto const i : order)
    require_value(i < table.rows(), who,
                  "a row must be below " + std::to_string(table.rows()) + ", got " + std::to_string(i));

  written_records result;
  std::set<std::string> keys;
  std::vector<detail::image_ahead> ahead(64);
  std::vector<std::int8_t> labels(table.labels());
  for (std::size_t shard = 0, row = 0; shard < options.shards; ++shard) {
    auto const name = shard_path(path, shard, options.shards);
    detail::shard_writer writer(name, options, keys, who);
    std::size_t const end =
        order.size() / options.shards * (shard + 1) + std::min(shard + 1, order.size() % options.shards);
    while (row < end) {
      auto const rows = std::span(order).subspan(row, std::min(ahead.size(), end - row));
      detail::read_ahead(images, rows, options, ahead);
      for (std::size_t k = 0; k < rows.size(); ++k) {
        if (ahead[k].error) std::rethrow_exception(ahead[k].error);
        if (!ahead[k].failure.empty()) {
          result.failures.push_back({rows[k], ahead[k].failure});
          continue;
        }
        for (std::size_t j = 0; j < labels.size(); ++j) {
          std::size_t const cell = rows[k] * labels.size() + j;
          bool const is_known = table.mask.empty() || table.mask[cell];
          labels[j] = is_known ? static_cast<std::int8_t>(table.targets[cell]) : std::int8_t{-1};
        }
        writer.write({table.images[rows[k]], ahead[k].bytes, labels});
        ++result.records;
      }
      row += rows.size();
      if (options.progress && !options.progress(row)) {
        result.stopped = true;
        return result;
      }
    }
    writer.close();
    result.shards.push_back(name);
  }
  return result;
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::write_records;
}
