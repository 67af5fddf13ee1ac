// The checkpoints of a training run, evaluated while they come.
#pragma once

#include "options.hpp"

namespace program {

/// softf1 evaluate --watch.
void watch(evaluate_options const& options);

}  // namespace program
