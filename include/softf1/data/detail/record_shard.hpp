// One file of records: TFRecord, or a tar archive whose members are grouped by name.
#pragma once

#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/data/detail/names.hpp>
#include <softf1/data/detail/record_rows.hpp>
#include <softf1/data/example_record.hpp>
#include <softf1/data/image_name.hpp>
#include <softf1/data/tar.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/io/text.hpp>
#include <softf1/io/tfrecord.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

/// How a shard is read.
struct shard_options {
  record_features features;
  io::tfrecord_options file;
  std::string_view who;
};

/// A file of records, mapped.
class record_shard {
 public:
  /// Opens the file and appends its rows and failures.
  record_shard(std::string const& path, shard_options const& options, std::vector<record_row>& rows,
               std::vector<io::record_failure>& failures)
      : path_(path),
        who_(options.who),
        on_corrupt_(options.file.on_corrupt),
        reads_labels_(!options.features.labels.empty()),
        failures_(&failures) {
    auto const name = lower_case(path);
    if (name.ends_with(".tar"))
      read_archive(rows);
    else
      read_records(options, rows);
    failures_ = nullptr;
  }

  /// The bytes of a row's image, checked where the format has checksums.
  void check(std::size_t item) const {
    if (records_) records_->read(item);
  }

 private:
  void refuse(std::size_t offset, std::string_view fault) const {
    auto const sentence =
        std::string(who_) + ": " + path_ + ": record at byte " + std::to_string(offset) + ": " + std::string(fault);
    if (on_corrupt_ == io::on_corrupt::fail) throw io_error(sentence);
    failures_->push_back({path_, offset, sentence});
  }

  void read_records(shard_options const& options, std::vector<record_row>& rows) {
    records_ = std::make_unique<io::tfrecord_file>(path_, options.file, std::string(who_));
    failures_->insert(failures_->end(), records_->failures().begin(), records_->failures().end());
    auto const stem = path_.substr(path_.rfind('/') + 1);
    for (std::size_t k = 0; k < records_->size(); ++k) {
      std::size_t const offset = records_->extent(k).offset;
      auto const place = std::string(who_) + ": " + path_ + ": record at byte " + std::to_string(offset);
      try {
        auto record = decode_record(records_->unchecked(k), options.features, place);
        std::string id(record.path);
        if (id.empty()) id = stem + ":" + std::to_string(k);
        rows.push_back({std::move(id), offset, k, record.image, {.values = std::move(record.labels), .names = {}}});
      } catch (io_error const& e) {
        // Wrong bytes have a wrong checksum, which says more than what a parser stumbles over.
        std::string sentence = e.what();
        try {
          records_->read(k);
        } catch (io_error const& checksum) {
          sentence = checksum.what();
        }
        if (on_corrupt_ == io::on_corrupt::fail) throw io_error(sentence);
        failures_->push_back({path_, offset, sentence});
      }
    }
  }

  /// Members of one key, one after the other: an image, and its labels.
  struct sample {
    std::string key, image_name;
    std::size_t offset = 0;
    tar_member const* image = nullptr;
    std::optional<record_labels> labels;
    std::string fault;
  };

  void read_archive(std::vector<record_row>& rows) {
    archive_ = std::make_unique<tar_file>(path_, on_corrupt_, std::string(who_));
    failures_->insert(failures_->end(), archive_->failures().begin(), archive_->failures().end());
    sample current;
    for (auto const& member : archive_->members()) {
      // A key ends at the first dot behind the last slash.
      auto const base = member.name.rfind('/') + 1;
      auto const dot = member.name.find('.', base);
      if (dot == base) continue;  // hidden files say nothing of images
      auto const key = member.name.substr(0, dot);
      if (key != current.key) finish(current, rows);
      if (current.key.empty()) {
        current.key = key;
        current.offset = member.offset - 512;
      }
      if (dot != member.name.npos) take(current, member, lower_case(member.name.substr(dot)));
    }
    finish(current, rows);
  }

  void take(sample& current, tar_member const& member, std::string const& extension) {
    bool const is_image = names_an_image("x" + extension);
    bool const is_labels = reads_labels_ && (extension == ".cls" || extension == ".json" || extension == ".txt");
    if ((is_image && current.image) || (is_labels && current.labels)) current.fault = "two members give the same thing";
    if (is_image) {
      current.image = &member;
      current.image_name = member.name;
    }
    if (is_labels) current.labels = read_labels(member, extension, current.fault);
  }

  record_labels read_labels(tar_member const& member, std::string const& extension, std::string& fault) const {
    auto const data = archive_->data(member);
    std::string_view const text(reinterpret_cast<char const*>(data.data()), data.size());
    record_labels labels;
    if (extension == ".cls") {
      labels.form = record_labels::kind::index;
      auto const digits = io::detail::trimmed(text);
      auto const [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), labels.index);
      if (code != std::errc{} || end != digits.data() + digits.size())
        fault = "expected the number of a label in " + io::detail::in_quotes(member.name) + ", got " +
                io::detail::in_quotes(digits);
    } else if (extension == ".txt") {
      labels.form = record_labels::kind::names;
      io::detail::for_each_line(text, [&](std::string_view line, std::size_t) {
        if (auto const name = io::detail::trimmed(line); !name.empty()) labels.names.emplace_back(name);
      });
    } else if (!read_json_labels(text, labels)) {
      fault =
          "expected {\"labels\": [...]} with 1, 0 and null, or with names, in " + io::detail::in_quotes(member.name);
    }
    return labels;
  }

  static bool read_json_labels(std::string_view text, record_labels& labels) {
    io::json_value json;
    try {
      json = io::parse_json(text);
    } catch (nlohmann::json::exception const&) {
      return false;
    }
    if (!json.is_object() || !json.contains("labels") || !json["labels"].is_array()) return false;
    for (auto const& value : json["labels"]) {
      if (value.is_string())
        labels.names.push_back(value.get<std::string>());
      else if (value.is_null() || value == -1)
        labels.values.push_back(-1);
      else if (value == 0 || value == 1 || value.is_boolean())
        labels.values.push_back(value == 1 || value == true ? 1 : 0);
      else
        return false;
    }
    // An empty list is a row without labels.
    if (labels.values.empty()) labels.form = record_labels::kind::names;
    return labels.names.empty() || labels.values.empty();
  }

  void finish(sample& current, std::vector<record_row>& rows) const {
    auto const done = std::exchange(current, {});
    if (done.key.empty()) return;
    auto fault = done.fault;
    if (!done.image) fault = "there is no image of " + io::detail::in_quotes(done.key);
    if (fault.empty() && reads_labels_ && !done.labels)
      fault = "there are no labels of " + io::detail::in_quotes(done.key);
    if (!fault.empty()) return refuse(done.offset, fault);
    rows.push_back(
        {done.image_name, done.offset, 0, archive_->data(*done.image), done.labels.value_or(record_labels{})});
  }

  std::string path_;
  std::string_view who_;
  io::on_corrupt on_corrupt_;
  bool reads_labels_;
  std::vector<io::record_failure>* failures_;  // while the file is opened
  std::unique_ptr<io::tfrecord_file> records_;
  std::unique_ptr<tar_file> archive_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
