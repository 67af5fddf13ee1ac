// softf1 export: a model as an ONNX file.
#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <softf1/io/json_value.hpp>

#include "inputs.hpp"
#include "models.hpp"
#include "output.hpp"

namespace program {

void run(export_options const& options) {
  auto ctx = make_context(options);
  output_files files({{"--model", options.model}, {"--weights", options.weights}});
  files.claim("--out", options.out);
  auto const model = load_model(options.model);
  bool const of_images = model.source == softf1::models::source::images, is_whole = of_images && !options.head_only;
  std::optional<softf1::models::extractor> extractor;
  if (is_whole) extractor = restore_extractor(ctx, model, options.model, options.weights);
  save_onnx(options.out, model, extractor ? &*extractor : nullptr, options.opset);
  if (!options.json.empty())
    files.add("--json", options.json,
              softf1::io::json_text({{"input", is_whole ? "pixels" : "features"},
                                     {"labels", model.labels},
                                     {"opset", options.opset},
                                     {"out", options.out}}));
  files.commit();
  if (options.quiet || files.take_standard_output()) return;
  auto const& in = model.input;
  auto const features = in.pixels() == 1 ? std::to_string(in.channels) : softf1::layers::shape_text(in);
  auto const from = is_whole ? fmt::format("the whole network, from pixels ({})", to_text(extractor->identity()))
                             : fmt::format("the head alone, from {} features", features);
  print(fmt::format("{}\n{} labels, ONNX operators {}, {} bytes, written to {}\n", from, model.labels.size(),
                    options.opset, std::filesystem::file_size(options.out), options.out));
}

}  // namespace program
