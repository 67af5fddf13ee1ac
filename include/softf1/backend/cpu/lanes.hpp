// Work on many images at once: lanes, each with a context and a workspace of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <vector>

#include <softf1/backend/cpu/context.hpp>
#include <softf1/backend/fused.hpp>

namespace softf1::inline SOFTF1_ABI {

/// On the host: a lane a thread, one image at a time, so that an image's maps stay in the cache and its result does not
/// depend on the other images.
inline lane_plan lanes_for(context<cpu> const& ctx, std::size_t images) {
  auto const threads = static_cast<std::size_t>(ctx.threads());
  return {images < threads ? images : threads, 1};
}

/// f(lane_ctx, lane, first, count) for pieces of [0, images), as `lanes_for` has it, in any order. What an f throws ends
/// its lane and is thrown here, one of them where there are several.
template <class F>
void in_lanes(context<cpu>& ctx, std::size_t images, F const& f) {
  std::vector<context<cpu>> contexts;
  for (std::size_t lane = 0; lane < lanes_for(ctx, images).lanes; ++lane)
    contexts.emplace_back(context<cpu>::options{.threads = 1, .seed = ctx.seed(), .set = ctx.set()});
  std::vector<std::exception_ptr> failures(contexts.size());
  std::atomic<std::size_t> next{0};
  detail::parallel_tasks(ctx.threads(), contexts.size(), [&](std::size_t lane) {
    try {
      for (std::size_t i = next++; i < images; i = next++) f(contexts[lane], lane, i, std::size_t{1});
    } catch (...) {
      failures[lane] = std::current_exception();
    }
  });
  for (auto const& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace softf1::inline SOFTF1_ABI
