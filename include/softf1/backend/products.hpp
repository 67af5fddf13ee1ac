// Matrix products of the backends.
#pragma once

#include <softf1/backend/cpu/gemm.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/gemm.hpp>
#endif
