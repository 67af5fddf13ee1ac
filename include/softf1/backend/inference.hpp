// What networks run on at inference: fused products and convolutions, pooling, and how images are shared out.
#pragma once

#include <softf1/backend/cpu/fused_convolution.hpp>
#include <softf1/backend/cpu/lanes.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/fused_convolution.hpp>
#include <softf1/backend/cuda/lanes.hpp>
#endif
