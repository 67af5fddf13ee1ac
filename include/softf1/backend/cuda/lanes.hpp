// Work on the images of a batch, some of them at a time.
#pragma once

#include <cstddef>

#include <softf1/backend/cuda/context.hpp>
#include <softf1/backend/fused.hpp>

namespace softf1::inline SOFTF1_ABI {

/// On the device: one lane, up to 64 images at a time, which fill a GPU and bound the memory of their maps.
inline lane_plan lanes_for(context<cuda> const&, std::size_t images) {
  constexpr std::size_t most = 64;
  return {1, images < most ? images : most};
}

/// f(ctx, 0, first, count) for pieces of [0, images), in order.
template <class F>
void in_lanes(context<cuda>& ctx, std::size_t images, F const& f) {
  std::size_t const at_once = lanes_for(ctx, images).images;
  for (std::size_t first = 0; first < images; first += at_once)
    f(ctx, std::size_t{0}, first, images - first < at_once ? images - first : at_once);
}

}  // namespace softf1::inline SOFTF1_ABI
