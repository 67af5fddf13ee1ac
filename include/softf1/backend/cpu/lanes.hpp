// Work on many images at once: lanes, each with a context and a workspace of its own.
#pragma once

#include <atomic>
#include <cstddef>

#include <softf1/backend/cpu/context.hpp>

namespace softf1::inline SOFTF1_ABI {

/// How the images of a batch are shared out: `lanes` of them at work at once, each on at most `images` at a time.
struct lane_plan {
  std::size_t lanes, images;
};

/// On the host: a lane a thread, one image at a time, so that an image's maps stay in the cache and its result does not
/// depend on the other images.
inline lane_plan lanes_for(context<cpu> const& ctx, std::size_t images) {
  auto const threads = static_cast<std::size_t>(ctx.threads());
  return {images < threads ? images : threads, 1};
}

/// f(lane_ctx, lane, first, count) for pieces of [0, images), as `lanes_for` has it, in any order. f throws nothing.
template <class F>
void in_lanes(context<cpu>& ctx, std::size_t images, F const& f) {
  std::atomic<std::size_t> next{0};
  detail::parallel_tasks(ctx.threads(), lanes_for(ctx, images).lanes, [&](std::size_t lane) {
    context<cpu> mine({.threads = 1, .seed = ctx.seed(), .set = ctx.set()});
    for (std::size_t i = next++; i < images; i = next++) f(mine, lane, i, std::size_t{1});
  });
}

}  // namespace softf1::inline SOFTF1_ABI
