// softf1 synthesize: posters to try the other commands on, without a data set.
#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include <softf1/io/json_value.hpp>

#include "options.hpp"
#include "output.hpp"
#include "synthesize/catalogue.hpp"

namespace program {

namespace {

softf1::io::json_value to_json(synthesize_options const& options, synthesize::catalogue const& made) {
  using softf1::io::json_value;
  json_value form{{"table", options.out + "/posters.csv"},
                  {"images", options.out + "/images"},
                  {"seed", options.seed},
                  {"rows", options.rows}};
  auto& labels = form["per_label"] = json_value::array();
  for (std::size_t k = 0; k < made.labels.size(); ++k)
    labels.push_back({{"name", made.labels[k]}, {"positives", made.counts[k]}});
  return form;
}

std::string text_of(synthesize_options const& options, synthesize::catalogue const& made) {
  std::vector<std::vector<std::string>> lines{{"label", "rows", "share"}};
  double all = 0;
  for (std::size_t k = 0; k < made.labels.size(); ++k) {
    auto const rows = static_cast<double>(made.counts[k]);
    all += rows;
    lines.push_back({made.labels[k], count(rows), figure(rows / static_cast<double>(options.rows))});
  }
  return table(lines) + fmt::format("\n{} posters of invented genres, {:.2f} labels each: {}/posters.csv\n",
                                    options.rows, all / static_cast<double>(options.rows), options.out);
}

}  // namespace

void run(synthesize_options const& options) {
  auto const threads =
      options.threads > 0 ? static_cast<unsigned>(options.threads) : std::thread::hardware_concurrency();
  auto const made = synthesize::write_catalogue({.folder = options.out,
                                                 .rows = options.rows,
                                                 .labels = options.labels,
                                                 .seed = options.seed,
                                                 .threads = static_cast<int>(std::max(1u, threads)),
                                                 .overwrite = options.overwrite});
  output_files files({{"--out", options.out + "/posters.csv"}});
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(to_json(options, made)));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(text_of(options, made));
}

}  // namespace program
