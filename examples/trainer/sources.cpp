#include "sources.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include <softf1/data/arff.hpp>
#include <softf1/data/coco.hpp>
#include <softf1/data/features_and_targets.hpp>
#include <softf1/data/image_lists.hpp>
#include <softf1/data/label_filter.hpp>
#include <softf1/data/label_folders.hpp>
#include <softf1/data/label_list.hpp>
#include <softf1/data/record_source.hpp>
#include <softf1/data/table.hpp>
#include <softf1/data/voc.hpp>

namespace program {

namespace {

namespace data = softf1::data;
namespace fs = std::filesystem;

std::string canonical(std::string const& folder) {
  std::error_code failed;
  auto const path = fs::weakly_canonical(folder, failed);
  return failed ? folder : path.string();
}

std::vector<std::string> label_names(image_set_options const& options) {
  return options.label_names.empty() ? std::vector<std::string>() : data::read_label_list(options.label_names);
}

/// A table whose images are files below a folder.
labelled_source in_folder(data::label_table table, std::string const& folder) {
  std::vector<std::string> paths;
  for (auto const& name : table.images) paths.push_back((fs::path(folder) / name).string());
  labelled_source source;
  source.rows = data::every_row(table.rows());
  source.images = std::make_shared<data::image_files>(std::move(paths));
  source.place = canonical(folder);
  source.table = std::move(table);
  return source;
}

labelled_source from_records(image_set_options const& options, data::record_features const& features = {}) {
  auto set = data::read_records(
      options.records,
      {.features = features,
       .label_names = label_names(options),
       .on_corrupt = options.on_corrupt == "skip" ? softf1::io::on_corrupt::skip : softf1::io::on_corrupt::fail,
       .drop_repeated = options.table.drop_repeated});
  labelled_source source;
  source.rows = data::every_row(set.table.rows());
  source.images = std::move(set.images);
  source.place = "records " + canonical(options.records);
  source.table = std::move(set.table);
  for (auto const& failure : set.failures) source.failures += "left out: " + failure.reason + "\n";
  return source;
}

labelled_source from_features(data::labelled_features read) {
  labelled_source source;
  source.rows = data::every_row(read.table.rows());
  source.features = std::move(read.features.values);
  source.dimension = read.features.dimension;
  source.table = std::move(read.table);
  return source;
}

labelled_source read_source(image_set_options const& o) {
  if (!o.csv.empty()) return in_folder(softf1::read_label_table(o.csv, o.table), o.images);
  if (!o.records.empty()) return from_records(o);
  if (!o.image_list.empty())
    return in_folder(data::read_image_lists(o.image_list, o.image_labels, label_names(o)), o.images);
  if (!o.voc.empty()) return in_folder(data::read_voc(o.voc, o.voc_split), o.images);
  if (!o.coco.empty()) return in_folder(data::read_coco(o.coco), o.images);
  if (!o.folders.empty()) return in_folder(data::read_label_folders(o.folders), o.folders);
  if (!o.features.empty()) return from_features(data::read_features_and_targets(o.features, o.targets, label_names(o)));
  return from_features(data::read_arff(o.arff, data::read_label_list(o.arff_labels)));
}

}  // namespace

std::string wrong_source(image_set_options const& o) {
  auto const [option, value] = o.source();
  if (value.empty())
    return "expected a source of labelled rows: --csv, --records, --image-list, --voc, --coco, --folders, --features "
           "or "
           "--arff";
  int sources = 0;
  for (auto const* text : {&o.csv, &o.records, &o.image_list, &o.voc, &o.coco, &o.folders, &o.features, &o.arff})
    sources += !text->empty();
  if (sources > 1) return "expected one source of labelled rows, got " + std::to_string(sources);
  bool const in_folder = !o.csv.empty() || !o.image_list.empty() || !o.voc.empty() || !o.coco.empty();
  if (in_folder && o.images.empty()) return option + " needs --images, the folder of the images";
  if (!o.image_list.empty() && o.image_labels.empty()) return "--image-list needs --image-labels";
  if (!o.features.empty() && o.targets.empty()) return "--features needs --targets";
  if (!o.arff.empty() && o.arff_labels.empty()) return "--arff needs --arff-labels";
  return {};
}

labelled_source labelled_source::select(std::span<std::size_t const> indices) const {
  labelled_source part = *this;
  part.table = table.select(indices);
  part.rows.clear();
  for (std::size_t i : indices) part.rows.push_back(rows[i]);
  return part;
}

labelled_source labelled_source::with_table(data::label_table other) const {
  labelled_source part = *this;
  part.table = std::move(other);
  return part;
}

labelled_source load_source(image_set_options const& options) {
  if (!options.images.empty() && !fs::is_directory(options.images))
    throw softf1::io_error("--images: there is no folder " + options.images);
  auto source = read_source(options);
  if (!options.csv.empty()) return source;  // what is to be left out is left out already
  data::label_filter const filter{options.table.drop_labels, options.table.min_label_count,
                                  options.table.drop_unlabelled};
  auto const path = options.source().second;
  source.table = data::without_labels(std::move(source.table), filter, path);
  auto const kept = data::rows_kept(source.table, filter, path);
  return kept.size() < source.table.rows() ? source.select(kept) : source;
}

labelled_source load_record_images(image_set_options const& options) { return from_records(options, {.labels = ""}); }

std::vector<named_path> files_of(image_set_options const& o) {
  return {{"--csv", o.csv},   {"--image-list", o.image_list},   {"--image-labels", o.image_labels},
          {"--coco", o.coco}, {"--features", o.features},       {"--targets", o.targets},
          {"--arff", o.arff}, {"--arff-labels", o.arff_labels}, {"--label-names", o.label_names}};
}

std::string table_text(data::label_table const& table) {
  std::string text = fmt::format("{}\n", table.description);
  if (table.incomplete_rows > 0)
    text += fmt::format("dropped {} of {} rows: incomplete\n", table.incomplete_rows, table.rows_read);
  if (table.repeated_rows > 0) text += fmt::format("dropped {} rows: repeated ids\n", table.repeated_rows);
  if (!table.dropped_labels.empty()) {
    text += fmt::format("dropped {} labels:", table.dropped_labels.size());
    for (auto const& [name, rows] : table.dropped_labels) text += fmt::format(" {} ({})", name, rows);
    text += '\n';
  }
  if (table.unlabelled_rows > 0)
    text += fmt::format("{} rows without labels: {}\n", table.unlabelled_rows,
                        table.unlabelled_dropped > 0 ? "dropped" : "kept");
  if (table.has_missing()) {
    std::size_t missing = 0;
    for (auto const present : table.mask) missing += present == 0;
    text += fmt::format("{} targets are missing\n", missing);
  }
  return text;
}

}  // namespace program
