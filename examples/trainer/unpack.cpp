// softf1 unpack: shards of records to images and a table.
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>

#include <softf1/data/image_name.hpp>
#include <softf1/data/label_list.hpp>
#include <softf1/data/record_source.hpp>
#include <softf1/image/extension.hpp>
#include <softf1/io/csv_writer.hpp>
#include <softf1/io/json_value.hpp>

#include "output.hpp"
#include "progress.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;

/// The name of a row's file: with an extension by what its bytes are, where it has none, and as no other row's.
std::string file_name(std::string const& name, std::span<std::byte const> image, std::set<std::string>& taken) {
  auto const whole = softf1::data::names_an_image(name) ? name : name + std::string(softf1::image::extension_of(image));
  auto unique = whole;
  for (std::size_t k = 2; !taken.insert(unique).second; ++k) {
    fs::path const path(whole);
    unique =
        (path.parent_path() / (path.stem().string() + "_" + std::to_string(k))).string() + path.extension().string();
  }
  return unique;
}

/// Written plainly: labels.csv, which is written last, says that all of them are whole.
void write_image(fs::path const& path, std::span<std::byte const> image) {
  std::error_code code;
  fs::create_directories(path.parent_path(), code);
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<char const*>(image.data()), static_cast<std::streamsize>(image.size()));
  if (!file.flush()) throw softf1::io_error("--out: cannot write " + path.string());
}

void write_cells(std::string const& path, softf1::data::label_table const& table, std::vector<std::string> const& files,
                 std::vector<std::uint8_t> const& cells) {
  softf1::csv_writer writer(path, ',', "--out");
  std::vector<std::string> row{"image"};
  row.insert(row.end(), table.label_names.begin(), table.label_names.end());
  writer.row(row);
  for (std::size_t i = 0; i < files.size(); ++i) {
    row.assign(1, files[i]);
    for (std::size_t j = 0; j < table.labels(); ++j) row.push_back(cells[i * table.labels() + j] ? "1" : "0");
    writer.row(row);
  }
  writer.close();
}

}  // namespace

void run(unpack_options const& options) {
  fs::path const out(options.out);
  if (fs::exists(out) && !fs::is_empty(out))
    throw softf1::io_error("--out: " + options.out + " exists and is not an empty folder");
  softf1::data::record_options how{.on_corrupt = options.strict ? softf1::on_corrupt::fail : softf1::on_corrupt::skip,
                                   .check_data = true,
                                   .threads = options.threads};
  if (!options.label_names.empty()) how.label_names = softf1::read_label_list(options.label_names);
  auto const set = softf1::read_records(options.records, how);
  auto const& table = set.table;
  std::vector<std::string> files;
  std::set<std::string> taken;
  progress_bar bar("unpack", "images", options.quiet);
  interruptible const guard;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (interruptible::requested()) throw softf1::io_error("interrupted: " + options.out + " is not whole");
    std::vector<std::byte> memory;
    auto const image = set.images->read(i, memory);
    files.push_back(file_name(table.images[i], image, taken));
    auto const path = out / "images" / files.back();
    write_image(path, image);
    bar.show(i + 1, table.rows());
  }
  bar.finish();
  write_cells((out / "labels.csv").string(), table, files, table.targets);
  if (table.has_missing()) write_cells((out / "mask.csv").string(), table, files, table.mask);
  if (!options.json.empty()) {
    softf1::io::json_value form{{"records", table.rows()}, {"labels", table.label_names}};
    auto& failures = form["failures"] = softf1::io::json_value::array();
    for (auto const& failure : set.failures) failures.push_back(failure.reason);
    softf1::write_atomically(options.json == "-" ? "/dev/stdout" : options.json, softf1::io::json_text(form), "--json");
  }
  if (options.quiet || options.json == "-") return;
  std::string text;
  if (!set.failures.empty())
    text = fmt::format("left out {} records, first: {}\n", set.failures.size(), set.failures.front().reason);
  print(text +
        fmt::format("{} images in {}/images, their labels in {}/labels.csv\n", table.rows(), options.out, options.out));
}

}  // namespace program
