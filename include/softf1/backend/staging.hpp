// Rows that come from the host while the backend works.
#pragma once

#include <softf1/backend/cpu/context.hpp>

namespace softf1::inline SOFTF1_ABI {

/// Hands arrays of the host to a backend, two at a time, so that one travels while the other is worked on:
///   queue.next() is memory of the host to be filled with up to `size` elements of T;
///   queue.send(ctx, count) lets them travel, while the host goes on;
///   queue.receive(ctx, to) writes the oldest that was sent to a view of the backend, in the order of ctx's work.
/// At most two may be sent that were not received. Defined by backends whose memory is not the host's.
template <class T, class B>
class staging_queue;

}  // namespace softf1::inline SOFTF1_ABI

#if defined(SOFTF1_DEVICE_CODE)
#include <softf1/backend/cuda/staging.hpp>
#endif
