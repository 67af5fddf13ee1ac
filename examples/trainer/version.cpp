#include <fmt/format.h>

#include <softf1/backend/cpu/context.hpp>
#include <softf1/backend/cpu/gemm.hpp>
#include <softf1/version.hpp>

#include "devices.hpp"
#include "options.hpp"

namespace program {

std::string version_text() {
  softf1::context<softf1::cpu> const ctx;
  std::string const device = device_backend().empty() ? "" : ", " + std::string(device_backend());
  return fmt::format("softf1 {}\nbackends: {} (instruction set {}, {} thread{}){}\nBLAS: {}", SOFTF1_VERSION,
                     softf1::backend_name(ctx), softf1::name_of(ctx.set()), ctx.threads(),
                     ctx.threads() == 1 ? "" : "s", device, softf1::blas_name());
}

}  // namespace program
