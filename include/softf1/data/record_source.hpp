// Images and labels from shards of records: TFRecord files and tar archives (WebDataset).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <softf1/data/detail/record_rows.hpp>
#include <softf1/data/detail/record_shard.hpp>
#include <softf1/data/image_source.hpp>
#include <softf1/data/labels.hpp>
#include <softf1/io/glob.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// How shards of records are read.
struct record_options {
  /// Of TFRecord files. With an empty name of the labels, those of archives are not read either, and the table has none.
  record_features features = {};
  std::vector<std::string> label_names = {};  ///< L; empty: the names that occur, sorted, or else "0", "1" …
  io::on_corrupt on_corrupt = io::on_corrupt::fail;
  bool check_data = false;     ///< compares all checksums at once, not each when its image is read
  bool drop_repeated = false;  ///< leaves out records whose id an earlier one has; otherwise that is an error
  int threads = 0;             ///< 0: as many as the machine has; the result does not depend on it
};

/// The images of records, where they lie in the mapped files.
class record_source final : public image_source {
 public:
  std::size_t size() const override { return rows_.size(); }
  std::string name(std::size_t i) const override {
    auto const& row = rows_[i];
    return paths_[row.shard] + ", record at byte " + std::to_string(row.offset) + " (" + io::detail::in_quotes(row.id) +
           ")";
  }

  /// Compares the record's checksum unless that was done before; archives have none.
  std::span<std::byte const> read(std::size_t i, std::vector<std::byte>&) const override {
    shards_[rows_[i].shard]->check(rows_[i].item);
    return rows_[i].image;
  }

  /// Of the shard; another place in it is another stamp.
  file_stamp stamp(std::size_t i) const override {
    auto stamp = stamp_of(paths_[rows_[i].shard]);
    stamp.size = static_cast<std::int64_t>(rows_[i].offset);
    return stamp;
  }

 private:
  friend class record_reader;

  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<detail::record_shard>> shards_;
  std::vector<detail::record_row> rows_;
};

/// What shards hold: rows of a table, and the image of each row under the same index.
struct record_set {
  label_table table;
  std::shared_ptr<image_source> images;
  std::vector<io::record_failure> failures;  ///< what was left out, by shard and byte; those found last at the end
};

/// Opens shards and puts their rows together.
class record_reader {
 public:
  static record_set read(std::string const& pattern, record_options const& options) {
    auto source = std::make_shared<record_source>();
    source->paths_ = io::files_matching(pattern, who);
    record_set result;
    open(*source, options, result.failures);
    result.table = detail::record_table(options.label_names, options.drop_repeated, options.on_corrupt, who,
                                        source->paths_, result.failures)
                       .make(source->rows_);
    if (result.table.rows() == 0) {
      if (!result.failures.empty()) throw io_error(result.failures.front().reason);
      io::detail::fail(who, pattern, "there are no records");
    }
    for (auto& row : source->rows_) row.labels = {};
    result.images = std::move(source);
    return result;
  }

 private:
  static constexpr std::string_view who = "read_records";

  struct opened {
    std::unique_ptr<detail::record_shard> shard;
    std::vector<detail::record_row> rows;
    std::vector<io::record_failure> failures;
    std::exception_ptr error;
  };

  /// Shards are opened at the same time, and put together in their order.
  static void open(record_source& source, record_options const& options, std::vector<io::record_failure>& failures) {
    std::vector<opened> shards(source.paths_.size());
    detail::shard_options const how{options.features, {options.on_corrupt, options.check_data}, who};
    std::atomic<std::size_t> next{0};
    auto const work = [&] {
      for (std::size_t k; (k = next++) < shards.size();) try {
          auto& s = shards[k];
          s.shard = std::make_unique<detail::record_shard>(source.paths_[k], how, s.rows, s.failures);
        } catch (...) {
          shards[k].error = std::current_exception();
        }
    };
    {
      std::size_t const wanted =
          options.threads > 0 ? static_cast<std::size_t>(options.threads) : std::thread::hardware_concurrency();
      std::vector<std::jthread> threads;
      try {
        for (std::size_t k = 1; k < std::min(wanted, shards.size()); ++k) threads.emplace_back(work);
      } catch (std::system_error const&) {
        // Fewer threads do the same.
      }
      work();
    }
    for (std::size_t k = 0; k < shards.size(); ++k) {
      auto& s = shards[k];
      if (s.error) std::rethrow_exception(s.error);
      for (auto& row : s.rows) {
        row.shard = k;
        source.rows_.push_back(std::move(row));
      }
      failures.insert(failures.end(), s.failures.begin(), s.failures.end());
      source.shards_.push_back(std::move(s.shard));
    }
  }
};

/// Reads shards of records by a pattern ("train-*.tfrecord", sorted by name): `.tar` is a WebDataset archive, everything
/// else TFRecord with a tf.train.Example or SequenceExample each (see example_record.hpp). In an archive, members
/// whose names differ behind the first dot only are one record: KEY.jpg (png, ...) and one of KEY.cls (the number of its
/// label), KEY.json ({"labels": [0, 1, ...]} or names), KEY.txt (names, one a line).
/// Files are mapped, and only what is not an image is read here, shards at the same time; images are read where they
/// lie, in any order: a shuffle of indices mixes all of the data, and needs no buffer.
/// A row's id is the record's path (without one, "SHARD:NUMBER"), its image that path made relative, without `..`.
/// Throws io_error where no file matches and where no record is left; naming file and byte for a record that is not
/// whole, is no such message, lacks a feature or has another number of labels (with on_corrupt::skip these are failures
/// instead), and for a repeated id. Cost: a page of the file a record.
inline record_set read_records(std::string const& pattern, record_options const& options = {}) {
  return record_reader::read(pattern, options);
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_records;
using data::record_source;
}  // namespace softf1::inline SOFTF1_ABI
