// softf1 pack: images and their labels to shards of records.
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include <softf1/data/image_source.hpp>
#include <softf1/data/record_writer.hpp>
#include <softf1/image/decode.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/io/text.hpp>
#include <softf1/training/batches.hpp>

#include "output.hpp"
#include "progress.hpp"
#include "sources.hpp"

namespace program {

namespace {

namespace fs = std::filesystem;
using softf1::data::record_format;

/// The images of a source's rows, image i that of row i.
class images_of_rows final : public softf1::image_source {
 public:
  explicit images_of_rows(labelled_source const& source) : source_(source) {}

  std::size_t size() const override { return source_.rows.size(); }
  std::string name(std::size_t i) const override { return source_.images->name(source_.rows[i]); }
  std::span<std::byte const> read(std::size_t i, std::vector<std::byte>& memory) const override {
    return source_.images->read(source_.rows[i], memory);
  }

 private:
  labelled_source const& source_;
};

softf1::data::record_write_options write_options(pack_options const& options, std::size_t rows) {
  softf1::data::record_write_options o{
      .shards = options.shards,
      .format = options.format == "webdataset" ? record_format::webdataset : record_format::tfrecord,
      .message =
          options.message == "example" ? softf1::record_message::example : softf1::record_message::sequence_example,
      .threads = options.threads};
  o.order.resize(rows);
  if (options.keep_order) {
    std::iota(o.order.begin(), o.order.end(), std::size_t{0});
  } else {
    auto const rows_shuffled = softf1::training::shuffled_rows(rows, options.seed, 0);
    o.order.assign(rows_shuffled.begin(), rows_shuffled.end());
  }
  if (!options.no_check)
    o.check = [](std::span<std::byte const> image, std::string const& name) { softf1::image::decode(image, name); };
  return o;
}

softf1::io::json_value to_json(softf1::data::label_table const& table, softf1::data::written_records const& made) {
  softf1::io::json_value form{{"records", made.records}, {"labels", table.label_names}, {"shards", made.shards}};
  auto& failures = form["failures"] = softf1::io::json_value::array();
  for (auto const& failure : made.failures) failures.push_back(failure.reason);
  return form;
}

std::string text_of(softf1::data::written_records const& made, std::string const& names) {
  std::string text;
  if (!made.failures.empty())
    text += fmt::format("left out {} images that cannot be read, first: {}\n", made.failures.size(),
                        made.failures.front().reason);
  return text + fmt::format("{} records in {} {}, beginning with {}; label names in {}\n", made.records,
                            made.shards.size(), made.shards.size() == 1 ? "file" : "shards", made.shards.front(),
                            names);
}

}  // namespace

void run(pack_options const& options) {
  auto const names = options.out + ".labels.txt";
  output_files files(files_of(options.set));
  files.claim("--out", options.out);
  auto const source = load_source(options.set);
  auto const& table = source.table;
  if (!options.quiet && options.json != "-") print(source.failures + table_text(table));
  if (auto const folder = fs::path(options.out).parent_path(); !folder.empty()) fs::create_directories(folder);

  progress_bar bar("pack", "images", options.quiet);
  interruptible const guard;
  auto how = write_options(options, table.rows());
  how.progress = [&](std::size_t done) {
    bar.show(done, table.rows());
    return !interruptible::requested();
  };
  auto const made = softf1::write_records(options.out, table, images_of_rows(source), how);
  bar.finish();
  if (made.stopped) throw softf1::io_error("interrupted: only whole shards are there");
  if (options.set.strict && !made.failures.empty())
    throw softf1::io_error(made.failures.front().reason + " (without --strict such images are left out)");
  if (made.records == 0) throw softf1::io_error("none of the images can be read: " + made.failures.front().reason);
  softf1::write_lines(names, table.label_names);
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(to_json(table, made)));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(text_of(made, names));
}

}  // namespace program
