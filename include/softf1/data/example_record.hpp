// An image and its labels as a message of a record: tf.train.Example or tf.train.SequenceExample.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/data/detail/example_messages.hpp>
#include <softf1/data/detail/names.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Which message a record is.
enum class record_message : unsigned char {
  sequence_example,  ///< path and image in the context, labels a feature list with one integer a step
  example            ///< all of them features, labels one list of integers
};

/// What the features of a record are called.
struct record_features {
  std::string path = "image_path";
  std::string image = "image_data";
  std::string labels = "image_label";  ///< empty: a record needs none, and those that it has are not read
};

/// A record's content. Path and image are views of whoever holds the bytes.
struct example_record {
  std::string_view path;
  std::span<std::byte const> image;  ///< encoded: JPEG, PNG …
  std::vector<std::int8_t> labels;   ///< L; 1: present, 0: absent, -1: not known
};

/// The message of a record. Cost: a few copies of the image. The same content gives the same bytes.
/// Throws value_error for a label that is none of 1, 0, -1.
inline std::string encode_record(example_record const& record,
                                 record_message message = record_message::sequence_example,
                                 record_features const& names = {}) {
  std::vector<std::int64_t> labels;
  for (auto const label : record.labels) {
    require_value(label >= -1 && label <= 1, "encode_record",
                  "a label must be 1, 0 or -1 (not known), got " + std::to_string(label));
    labels.push_back(label);
  }
  std::string features, text;
  detail::append_entry(features, names.path, detail::text_feature(record.path));
  std::string_view const image(reinterpret_cast<char const*>(record.image.data()), record.image.size());
  if (message == record_message::example) {
    detail::append_entry(features, names.labels, detail::integer_feature(labels));
    detail::append_entry(features, names.image, detail::text_feature(image));
    detail::append_message(text, 1, features);
    return text;
  }
  detail::append_entry(features, names.image, detail::text_feature(image));
  std::string steps, lists;
  for (auto const& label : labels) detail::append_message(steps, 1, detail::integer_feature({&label, 1}));
  detail::append_entry(lists, names.labels, steps);
  detail::append_message(text, 1, features);
  detail::append_message(text, 2, lists);
  return text;
}

namespace detail {

/// Takes a record's message apart.
class record_decoder {
 public:
  record_decoder(std::string_view message, record_features const& names, std::string_view who)
      : names_(names), who_(who) {
    try {
      for_each_submessage(message, [&](std::uint32_t tag, std::string_view part) {
        if (tag == 1) for_each_entry(part, [&](auto name, auto feature) { read_feature(name, feature); });
        if (tag == 2) for_each_entry(part, [&](auto name, auto list) { read_list(name, list); });
      });
    } catch (protozero::exception const& e) {
      throw io_error(std::string(who_) + ": this is no tf.train.Example or SequenceExample (" + e.what() + ")");
    }
  }

  example_record record() const {
    example_record result;
    if (has_path_) result.path = only_text(path_, names_.path);
    if (!has_image_) fail_missing(names_.image);
    auto const image = only_text(image_, names_.image);
    result.image = std::as_bytes(std::span(image));
    if (names_.labels.empty()) return result;
    if (!has_labels_) fail_missing(names_.labels);
    if (!labels_.texts.empty())
      fail("feature " + io::detail::in_quotes(names_.labels) + " must hold numbers, got texts");
    for (auto const x : labels_.integers) result.labels.push_back(label(static_cast<double>(x)));
    for (auto const x : labels_.floats) result.labels.push_back(label(x));
    return result;
  }

 private:
  [[noreturn]] void fail(std::string const& text) const { throw io_error(std::string(who_) + ": " + text); }

  [[noreturn]] void fail_missing(std::string const& name) const {
    fail("the record has no feature " + io::detail::in_quotes(name) + ", it has " +
         (others_.empty() ? "none" : name_list(others_)));
  }

  void read_feature(std::string_view name, std::string_view feature) {
    note(name);
    if (name == names_.path) read_one(feature, path_, has_path_);
    if (name == names_.image) read_one(feature, image_, has_image_);
    if (name == names_.labels) read_one(feature, labels_, has_labels_);
  }

  void read_list(std::string_view name, std::string_view list) {
    note(name);
    if (name != names_.labels) return;
    has_labels_ = true;
    labels_ = {};
    for_each_submessage(list, [&](std::uint32_t tag, std::string_view feature) {
      if (tag == 1) append_feature(feature, labels_);
    });
  }

  /// Of entries of one name, the last counts.
  static void read_one(std::string_view feature, example_values& values, bool& has) {
    has = true;
    values = {};
    append_feature(feature, values);
  }

  /// Enough names for a sentence.
  void note(std::string_view name) {
    if (others_.size() < 8) others_.push_back(name);
  }

  std::string_view only_text(example_values const& values, std::string const& name) const {
    if (values.texts.size() != 1)
      fail("feature " + io::detail::in_quotes(name) + " must hold one text, got " +
           std::to_string(values.texts.size()));
    return values.texts[0];
  }

  std::int8_t label(double x) const {
    if (std::isnan(x)) return -1;
    if (!(x == 1 || x == 0 || x == -1))
      fail("feature " + io::detail::in_quotes(names_.labels) + ": a label must be 1, 0 or -1 (not known), got " +
           number_text(x));
    return static_cast<std::int8_t>(x);
  }

  record_features const& names_;
  std::string_view who_;
  example_values path_, image_, labels_;
  bool has_path_ = false, has_image_ = false, has_labels_ = false;
  std::vector<std::string_view> others_;
};

}  // namespace detail

/// Takes a message apart, of either kind: labels are integers or floats (NaN is -1), packed or not, in a feature list
/// or in a feature. A record without the path has an empty one. Nothing is copied but the labels.
/// Throws io_error "who: …" where the bytes are no such message, where a feature is missing (naming those there are),
/// where path or image are not one text each, and for a label that is none of 1, 0, -1.
inline example_record decode_record(std::span<std::byte const> message, record_features const& names = {},
                                    std::string_view who = "decode_record") {
  std::string_view const text(reinterpret_cast<char const*>(message.data()), message.size());
  return detail::record_decoder(text, names, who).record();
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::decode_record;
using data::encode_record;
using data::record_message;
}  // namespace softf1::inline SOFTF1_ABI
