#include "engine_on.hpp"

namespace program {

std::unique_ptr<engine> make_cpu_engine(common_options const& options) {
  return std::make_unique<engine_on<softf1::cpu>>(
      options, softf1::context<softf1::cpu>::options{.threads = options.threads, .seed = options.seed}, std::string());
}

void check_loss(std::string const& text, softf1::losses::objective_options const& options) {
  softf1::context<softf1::cpu> ctx;
  softf1::losses::make_objective<float>(ctx, text, 1, options);
}

}  // namespace program
