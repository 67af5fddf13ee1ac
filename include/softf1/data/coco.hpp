// Labels from the objects in images, as COCO lists them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <softf1/data/detail/label_lines.hpp>
#include <softf1/io/json_value.hpp>

namespace softf1::inline SOFTF1_ABI::data {

namespace detail {

/// Parses such a file without the outlines and boxes of its objects, which are most of it.
inline io::json_value parse_coco(std::string const& path, std::string_view who) {
  io::mapped_file const file(path, who);
  auto const text = file.text();
  try {
    return io::json_value::parse(text.begin(), text.end(),
                                 [&](int depth, nlohmann::json::parse_event_t event, io::json_value& value) {
                                   if (depth > 64) io::detail::fail(who, path, "nested more than 64 deep");
                                   bool const is_key = event == nlohmann::json::parse_event_t::key;
                                   return !is_key || (value != "segmentation" && value != "bbox");
                                 });
  } catch (nlohmann::json::parse_error const& e) {
    io::detail::fail(who, path, "not JSON from byte " + std::to_string(e.byte > 0 ? e.byte - 1 : 0) + " on");
  } catch (nlohmann::json::exception const&) {
    io::detail::fail(who, path, "a number is out of range");
  }
}

/// Members of the lists of such a file, or a sentence that says which one lacks what.
class coco_list {
 public:
  coco_list(io::json_value const& file, char const* name, std::string_view who, std::string const& path)
      : name_(name), who_(who), path_(path) {
    if (!file.is_object() || !file.contains(name) || !file[name].is_array())
      io::detail::fail(who, path, "expected a list " + io::detail::in_quotes(name));
    list_ = &file[name];
  }

  std::size_t size() const { return list_->size(); }
  std::int64_t number(std::size_t k, char const* key) const {
    auto const& value = member(k, key);
    if (!value.is_number_integer()) fail(k, key, "an integer", value);
    return value.get<std::int64_t>();
  }
  std::string text(std::size_t k, char const* key) const {
    auto const& value = member(k, key);
    if (!value.is_string()) fail(k, key, "a text", value);
    return value.get<std::string>();
  }
  std::string place(std::size_t k) const { return name_ + "[" + std::to_string(k) + "]: "; }

 private:
  io::json_value const& member(std::size_t k, char const* key) const {
    static io::json_value const none;
    auto const& item = (*list_)[k];
    return item.is_object() && item.contains(key) ? item[key] : none;
  }
  [[noreturn]] void fail(std::size_t k, char const* key, char const* expected, io::json_value const& got) const {
    io::detail::fail(
        who_, path_,
        place(k) + io::detail::in_quotes(key) + " must be " + expected + ", got " + io::detail::json_in_error(got));
  }

  std::string name_;
  std::string_view who_;
  std::string const& path_;
  io::json_value const* list_ = nullptr;
};

}  // namespace detail

/// Reads a file of instances: {"images": [{"id", "file_name"}], "annotations": [{"image_id", "category_id"}],
/// "categories": [{"id", "name"}]}. An image has a label where it has an object of that category, however many. Rows are
/// in the order of the images, whose file name is the id; labels are sorted by name, and images without objects stay.
/// Throws io_error naming the place for a list or member that is missing or of another type, an id that nothing has or
/// that is repeated, a name that leaves the folder of images, and where the file is no JSON.
inline label_table read_coco(std::string const& path) {
  constexpr std::string_view who = "read_coco";
  auto const file = detail::parse_coco(path, who);
  detail::coco_list const images(file, "images", who, path), objects(file, "annotations", who, path),
      categories(file, "categories", who, path);
  detail::table_builder builder(who, path);
  auto& table = builder.table;

  std::map<std::string, std::int64_t> id_of_label;
  for (std::size_t k = 0; k < categories.size(); ++k)
    if (!id_of_label.emplace(categories.text(k, "name"), categories.number(k, "id")).second)
      builder.fail(categories.place(k) + "the name " + io::detail::in_quotes(categories.text(k, "name")) +
                   " is repeated");
  std::unordered_map<std::int64_t, std::size_t> column, row;
  for (auto const& [name, id] : id_of_label) {
    if (!column.emplace(id, table.labels()).second)
      builder.fail("the id " + std::to_string(id) + " of category " + io::detail::in_quotes(name) + " is repeated");
    table.label_names.push_back(name);
  }
  for (std::size_t k = 0; k < images.size(); ++k) {
    auto const name = images.text(k, "file_name");
    builder.add_row(name, name, images.place(k));
    if (!row.emplace(images.number(k, "id"), k).second)
      builder.fail(images.place(k) + "the id " + std::to_string(images.number(k, "id")) + " is repeated");
  }
  builder.make_cells();
  for (std::size_t k = 0; k < objects.size(); ++k) {
    auto const find = [&](auto const& map, char const* key) {
      auto const found = map.find(objects.number(k, key));
      if (found == map.end())
        builder.fail(objects.place(k) + "nothing has the " + key + " " + std::to_string(objects.number(k, key)));
      return found->second;
    };
    table.targets[find(row, "image_id") * table.labels() + find(column, "category_id")] = 1;
  }
  return builder.finish("labels: categories of " + std::to_string(objects.size()) + " objects in images");
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::read_coco;
}
