// The owning tensors of the backends.
#pragma once

#include <softf1/backend/cpu/tensor.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/tensor.hpp>
#endif
