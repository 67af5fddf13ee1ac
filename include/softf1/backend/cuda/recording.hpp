// Work that is recorded once and replayed.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <softf1/backend/cuda/context.hpp>
#include <softf1/backend/recording.hpp>

namespace softf1::inline SOFTF1_ABI {

/// On a GPU: the first run does the work, and so brings all memory; the second records it as a CUDA graph; from then on
/// one launch replays it. Where recording fails, the work is done as it is. On hosts, the work is done.
template <>
class recording<cuda> {
 public:
  recording() = default;
  recording(recording const&) = delete;
  recording& operator=(recording const&) = delete;
#if defined(SOFTF1_DEVICE_CUDA)
  ~recording() {
    if (graph_) cudaGraphExecDestroy(graph_);
    for (auto const& block : apart_) pool_->give_back(block);
  }

  template <class Work>
  void run(context<cuda>& ctx, Work const& work) {
    ++runs_;
    if (!graph_ && runs_ > 1 && runs_ <= attempts) record(ctx, work);
    if (graph_) return launch(ctx);
    // Memory that this takes is kept apart, so that the next attempt finds what it wants.
    apart const kept(*this, ctx);
    work();
  }

  /// True where the work is replayed.
  bool recorded() const { return graph_ != nullptr; }

 private:
  static constexpr int attempts = 4;

  /// What the pool gets back lies with this recording, for a while.
  class apart {
   public:
    apart(recording& to, context<cuda>& ctx) : pool_(*ctx.memory()) {
      to.pool_ = ctx.memory();
      pool_.set_apart(&to.apart_);
    }
    ~apart() { pool_.set_apart(nullptr); }
    apart(apart const&) = delete;
    apart& operator=(apart const&) = delete;

   private:
    context<cuda>::pool& pool_;
  };

  /// A stream that takes work down. Not one that keeps in order with the default stream: what other threads do there
  /// would end the recording, and be ended by it.
  class stand_in {
   public:
    explicit stand_in(detail::device_stream& of) : of_(of) {
      detail::check_cuda(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
      if (auto const code = cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal); code != cudaSuccess) {
        cudaStreamDestroy(stream_);
        detail::throw_cuda("cudaStreamBeginCapture", code);
      }
      of_.record_on(stream_);
    }
    ~stand_in() {
      of_.record_on(nullptr);
      cudaGraph_t graph = finish();
      if (graph) cudaGraphDestroy(graph);
      cudaStreamDestroy(stream_);
      cudaGetLastError();
    }
    stand_in(stand_in const&) = delete;
    stand_in& operator=(stand_in const&) = delete;

    /// What was taken down; null where it could not be, or was given already.
    cudaGraph_t finish() {
      if (finished_) return nullptr;
      finished_ = true;
      cudaGraph_t graph = nullptr;
      return cudaStreamEndCapture(stream_, &graph) == cudaSuccess ? graph : nullptr;
    }

   private:
    detail::device_stream& of_;
    cudaStream_t stream_ = nullptr;
    bool finished_ = false;
  };

  void launch(context<cuda>& ctx) {
    auto const here = ctx.stream().use();
    detail::check_cuda(cudaGraphLaunch(graph_, ctx.stream().get()), "cudaGraphLaunch");
  }

  template <class Work>
  void record(context<cuda>& ctx, Work const& work) {
    auto const here = ctx.stream().use();
    apart const kept(*this, ctx);
    try {
      stand_in taker(ctx.stream());
      work();
      cudaGraph_t const graph = taker.finish();
      if (!graph) return;
      if (cudaGraphInstantiate(&graph_, graph, 0) != cudaSuccess) graph_ = nullptr;
      cudaGraphDestroy(graph);
    } catch (backend_error const&) {
      // What cannot be recorded is done as it is, and says then what is wrong with it.
    }
  }

  std::shared_ptr<context<cuda>::pool> pool_;
  std::vector<context<cuda>::pool::block> apart_;
  cudaGraphExec_t graph_ = nullptr;
  int runs_ = 0;
#else
  template <class Work>
  void run(context<cuda>&, Work const& work) {
    work();
  }
  bool recorded() const { return false; }
#endif
};

}  // namespace softf1::inline SOFTF1_ABI
