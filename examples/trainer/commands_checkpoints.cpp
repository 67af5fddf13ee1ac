// The sub-command that works on what a training run keeps.
#include "command_parts.hpp"

namespace program {

void add_checkpoints(CLI::App& root, request& result) {
  auto const [command, o] = add_command<checkpoints_options>(
      root, result, "checkpoints", "List the checkpoints of a training run, and write one as a model",
      R"(Figures are those of the validation rows at the end of an epoch. A checkpoint decides at probability 0.5:
calibrate finds thresholds for the model that is written.

Example:
  softf1 checkpoints runs/posters --by map --pick best --out best.safetensors)");
  command->add_option("RUN", o->run, "The folder of the run")->required()->type_name("")->group("Input");
  command
      ->add_option("--by", o->by,
                   "What is best: loss, macro_f1, micro_f1, tuned_macro_f1 or map; without it, as the run")
      ->check(accepted_by(check_monitor))
      ->type_name("NAME")
      ->group("Input");
  auto* const out = add_file(*command, "--out", o->out, "The model that is written")->group("Output");
  add_choice(*command, "--pick", o->pick, {"best", "last"}, "Which checkpoint --out gets: best or last")
      ->needs(out)
      ->capture_default_str()
      ->group("Output");
  add_common(root, *command, *o, "Write the list");
}

}  // namespace program
