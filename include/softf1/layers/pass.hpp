// One pass through a network.
#pragma once

#include <cstdint>

#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

enum class pass_mode { inference, training };

/// What a forward or backward pass has to know beside its data. Random numbers are a pure function of (seed, epoch,
/// place, layer, element), so a pass can be repeated, resumed and split without any state of a generator; and a row that
/// comes twice in an epoch meets others each time.
template <class B = cpu>
struct pass {
  pass_mode mode = pass_mode::inference;
  std::uint64_t seed = 0;
  vector_view<std::uint64_t const, B> epoch = {};   ///< (1,), on the backend; empty: 0
  vector_view<std::uint64_t const, B> places = {};  ///< (N,), of the samples in their epoch; empty: 0 to N − 1
  /// false: running statistics stay as they are, for a pass that will be made once more (the first of two passes over a
  /// micro-batch).
  bool updates_state = true;

  bool training() const { return mode == pass_mode::training; }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
