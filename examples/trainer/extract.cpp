// softf1 extract: images to a file of features.
#include <filesystem>

#include <fmt/format.h>

#include <softf1/data/features.hpp>

#include "engine.hpp"
#include "images.hpp"
#include "inputs.hpp"
#include "output.hpp"

namespace program {

void run(extract_options const& options) {
  auto const work = make_engine(options, options.on);
  auto inputs = files_of(options.set);
  inputs.emplace_back("--weights", options.extractor.weights);
  output_files files(std::move(inputs));
  files.claim("--out", options.out);
  auto const source = load_source(options.set);
  auto const extractor = load_extractor(work->on_host(), options.extractor);
  if (!options.quiet && options.json != "-")
    print(table_text(source.table) + source.failures + extractor_text(extractor));
  auto const folder = std::filesystem::path(options.out).parent_path().string();
  auto set = extract_images(*work, extractor, source, options.set, folder.empty() ? "." : folder, options.quiet);
  std::size_t const rows = set.table.rows(), dimension = set.features.dimension, cached = set.features.cached;
  softf1::write_features(options.out, {.ids = set.table.ids,
                                       .dimension = dimension,
                                       .values = std::move(set.features.values),
                                       .metadata = {{"extractor", to_json(extractor.identity()).dump()}}});
  if (!options.json.empty()) {
    softf1::io::json_value form{{"rows", rows}, {"dimension", dimension}, {"cached", cached}};
    form["extractor"] = to_json(extractor.identity());
    auto& failures = form["failures"] = softf1::io::json_value::array();
    for (auto const& failure : set.failures) failures.push_back(failure.reason);
    files.add("--json", options.json, softf1::io::json_text(form));
  }
  files.commit();
  if (!options.quiet && !files.take_standard_output())
    print(failures_text(set) + fmt::format("{} rows of {} features ({} of them from the cache) written to {}\n", rows,
                                           dimension, cached, options.out));
}

}  // namespace program
