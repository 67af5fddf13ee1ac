// The contexts of the backends, and the devices of this machine.
#pragma once

#include <softf1/backend/cpu/context.hpp>
#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/context.hpp>
#include <softf1/backend/cuda/devices.hpp>
#endif
