// Work that is done many times: recorded and replayed where the backend can.
#pragma once

#include <softf1/backend/cpu/context.hpp>

namespace softf1::inline SOFTF1_ABI {

/// The same work again and again: `recording<B> step; for (…) step.run(ctx, [&] { … });`. A backend may record what the
/// work does and replay it without calling it again, so the work
/// - does the same each time, on the same views; what changes (a step number, a learning rate, which rows) it reads from
///   memory of the backend, and it reads nothing back;
/// - throws nothing once it has run without throwing.
/// The views, and whatever they view, must live as long as the recording. One context.
template <class B = cpu>
class recording;

/// On the CPU the work is just done.
template <>
class recording<cpu> {
 public:
  recording() = default;
  recording(recording const&) = delete;
  recording& operator=(recording const&) = delete;

  template <class Work>
  void run(context<cpu>&, Work const& work) {
    work();
  }

  /// True where the work is replayed.
  bool recorded() const { return false; }
};

}  // namespace softf1::inline SOFTF1_ABI

#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/recording.hpp>
#endif
