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
    if (graph_) return launch(ctx);
    if (runs_ == 1 || runs_ > attempts) return work();
    if (!record(ctx, work)) return work();
    launch(ctx);
  }

  /// True where the work is replayed.
  bool recorded() const { return graph_ != nullptr; }

 private:
  static constexpr int attempts = 4;

  void launch(context<cuda>& ctx) {
    auto const here = ctx.stream().use();
    detail::check_cuda(cudaGraphLaunch(graph_, ctx.stream().get()), "cudaGraphLaunch");
  }

  template <class Work>
  bool record(context<cuda>& ctx, Work const& work) {
    cudaStream_t const stream = ctx.stream().get();
    auto const here = ctx.stream().use();
    pool_ = ctx.memory();
    if (cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
      cudaGetLastError();
      return false;
    }
    pool_->set_apart(&apart_);
    cudaGraph_t graph = nullptr;
    bool done = false;
    try {
      work();
      done = true;
    } catch (backend_error const&) {
      // What cannot be recorded is done as it is, and says then what is wrong with it.
    } catch (...) {
      end(stream, graph);
      throw;
    }
    done = end(stream, graph) && done && cudaGraphInstantiate(&graph_, graph, 0) == cudaSuccess;
    if (graph) cudaGraphDestroy(graph);
    if (!done) {
      cudaGetLastError();
      for (auto const& block : apart_) pool_->give_back(block);
      apart_.clear();
    }
    return done;
  }

  bool end(cudaStream_t stream, cudaGraph_t& graph) {
    auto const status = cudaStreamEndCapture(stream, &graph);
    pool_->set_apart(nullptr);
    return status == cudaSuccess && graph;
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
