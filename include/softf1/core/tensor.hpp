// Declaration of the owning tensor; backends define it.
#pragma once

#include <cstddef>

#include <softf1/core/backend.hpp>

namespace softf1::inline SOFTF1_ABI {

/// An owning, dense, row-major tensor of rank N on backend B. On the host it stores an xt::xtensor.
template <class T, std::size_t N, class B = cpu>
class tensor;

}  // namespace softf1::inline SOFTF1_ABI
