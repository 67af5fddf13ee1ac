// Backend tags.
#pragma once

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Tag of the host backend (OpenMP threads, xtensor storage, CBLAS products).
struct cpu {};

/// Tag of the device backend, whatever Thrust's device system is.
struct cuda {};

/// Threads or stream, handles, scratch memory and seed of one backend: the first argument of every heavy function.
/// Specialised by `backend/`; a context is used by one thread at a time.
template <class B = cpu>
class context;

}  // namespace softf1::inline SOFTF1_ABI
