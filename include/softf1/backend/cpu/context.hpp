// The host's context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include <softf1/backend/cpu/instruction_set.hpp>
#include <softf1/backend/cpu/parallel.hpp>
#include <softf1/core/buffer.hpp>
#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI {

namespace detail {
struct host_memory {
  static void* allocate(std::size_t bytes) {
    try {
      return ::operator new(bytes, std::align_val_t{64});
    } catch (std::bad_alloc const&) {
      throw out_of_memory("cpu: out of memory, asked for " + std::to_string(bytes) + " bytes", bytes);
    }
  }
  static void deallocate(void* data, std::size_t) noexcept { ::operator delete(data, std::align_val_t{64}); }
};
}  // namespace detail

/// Threads, seed and scratch memory of the host. Cheap to make; used by one thread at a time; no globals.
/// Results have the same bits for any number of threads.
template <>
class context<cpu> {
 public:
  using pool = detail::memory_pool<detail::host_memory>;

  struct options {
    int threads = 0;                               ///< 0: as many as OpenMP would use (1 without OpenMP)
    std::uint64_t seed = 0;                        ///< of every random number drawn through this context
    instruction_set set = best_instruction_set();  ///< at most what the machine has
  };

  context() : context(options{}) {}
  /// Throws value_error for a negative number of threads.
  explicit context(options const& o)
      : threads_(o.threads == 0 ? detail::default_threads() : o.threads),
        seed_(o.seed),
        set_(o.set),
        memory_(std::make_shared<pool>()) {
    require_value(o.threads >= 0, "context<cpu>", "threads must be >= 0, got " + std::to_string(o.threads));
  }

  /// The context of a function that was called without one.
  static context for_one_call() { return {}; }

  int threads() const { return threads_; }
  std::uint64_t seed() const { return seed_; }
  instruction_set set() const { return set_; }
  std::shared_ptr<pool> const& memory() const { return memory_; }
  /// Frees the scratch memory that is kept for reuse.
  void trim() { memory_->trim(); }

 private:
  int threads_;
  std::uint64_t seed_;
  instruction_set set_;
  std::shared_ptr<pool> memory_;
};

/// "cpu".
inline std::string_view backend_name(context<cpu> const&) { return "cpu"; }

}  // namespace softf1::inline SOFTF1_ABI
