// The passes of convolutions, depthwise ones and pools, as training needs them.
#pragma once

#include <softf1/backend/cpu/convolution_passes.hpp>
#include <softf1/backend/cpu/depthwise.hpp>
#include <softf1/backend/cpu/pooling.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/convolution_passes.hpp>
#endif
