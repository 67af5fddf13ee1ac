// Where the windows of a convolution lie in a batch of images: shared by its passes.
#pragma once

#include <cstddef>

#include <softf1/backend/windows.hpp>
#include <softf1/core/window.hpp>
#include <softf1/layers/functors.hpp>
#include <softf1/layers/sample_shape.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The windows of `win` on images of shape `in`.
inline window_grid grid_of(sample_shape in, window const& win) { return {in.height, in.width, in.channels, win}; }

}  // namespace softf1::inline SOFTF1_ABI::layers
