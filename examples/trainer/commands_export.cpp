// The sub-command that writes models for other programs.
#include "command_parts.hpp"

namespace program {

namespace {
void check_opset(std::string const& text) { check_whole<std::size_t>(text, 21, 13); }
}  // namespace

void add_export(CLI::App& root, request& result) {
  auto const [command, o] = add_command<export_options>(
      root, result, "export", "Write a model as an ONNX file, for ONNX Runtime and others",
      R"(The whole network takes `pixels` (N, 3, S, S), resized and scaled as the file's metadata say; the head alone takes
`features`, as extract writes them. Both give `logits` and `probabilities` (N, L). The metadata have the key `softf1`: a
JSON object with labels, thresholds, preprocessing and task.

Example:
  softf1 export --model runs/posters/model.safetensors --out posters.onnx)");
  add_file(*command, "--model", o->model, "The model")->required()->group("Input");
  add_file(*command, "--weights", o->weights, "The network's weights, where the model does not hold them")
      ->group("Input");
  add_file(*command, "--out", o->out, "The ONNX file")->required()->group("Output");
  command
      ->add_flag("--head-only", o->head_only, "Only what was trained, from features; so it is for models of features")
      ->group("Output");
  command->add_option("--opset", o->opset, "Version of ONNX's operators, 13 to 21")
      ->check(accepted_by(check_opset))
      ->capture_default_str()
      ->type_name("N")
      ->group("Output");
  add_common(root, *command, *o, "Write what the file takes and gives");
}

}  // namespace program
