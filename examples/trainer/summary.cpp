// softf1 summary: the network, block by block.
#include <fmt/format.h>

#include <softf1/layers/summary.hpp>
#include <softf1/training/head.hpp>

#include "inputs.hpp"
#include "models.hpp"
#include "output.hpp"

namespace program {

namespace {

softf1::io::json_value to_json(softf1::layers::network_summary const& s) {
  auto blocks = softf1::io::json_value::array();
  for (auto const& r : s.rows)
    blocks.push_back({{"name", r.name},
                      {"kind", r.kind},
                      {"output_shape", {r.output.height, r.output.width, r.output.channels}},
                      {"parameters", r.parameters}});
  return {{"total", s.total()}, {"trainable", s.trained}, {"frozen", s.frozen}, {"blocks", blocks}};
}

}  // namespace

void run(summary_options const& options) {
  auto ctx = make_context(options);
  std::string about;
  softf1::layers::network_summary all;
  auto const append = [&](softf1::layers::network_summary const& part) {
    all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
    all.trained += part.trained;
    all.frozen += part.frozen;
  };
  if (!options.model.empty()) {
    auto const model = load_model(options.model);
    auto const extractor = restore_extractor(ctx, model, options.model, options.extractor.weights);
    append(extractor.summary());
    append(head_summary(ctx, model, options.model));
    about = extractor_text(extractor);
  } else {
    auto const extractor = load_extractor(ctx, options.extractor);
    append(extractor.summary());
    about = extractor_text(extractor);
    if (options.labels > 0) {
      auto const table =
          softf1::training::head_table(options.labels, {.hidden = options.hidden, .dropout = options.dropout});
      append(head_summary(ctx, extractor.dimension(), table));
    }
  }
  output_files files({{"--weights", options.extractor.weights}, {"--model", options.model}});
  if (!options.json.empty()) files.add("--json", options.json, softf1::io::json_text(to_json(all)));
  files.commit();
  if (!options.quiet && !files.take_standard_output()) print(about + softf1::layers::to_text(all));
}

}  // namespace program
