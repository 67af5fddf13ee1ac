// Compiled by nvcc only, never run: a device backend whose every primitive launches a kernel with the functor that it is
// given. So whatever metrics, losses, thresholds, layers and optimizers hand to a backend is device code, before there is
// a device backend.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

#include <softf1/core/buffer.hpp>
#include <softf1/core/tie_group.hpp>

namespace softf1::inline SOFTF1_ABI {

struct no_memory {
  static void* allocate(std::size_t bytes) { return ::operator new(bytes); }
  static void deallocate(void* data) { ::operator delete(data); }
};

template <>
class context<cuda> {
 public:
  using pool = detail::memory_pool<no_memory>;
  std::shared_ptr<pool> const& memory() const { return memory_; }

 private:
  std::shared_ptr<pool> memory_ = std::make_shared<pool>();
};

template <class F>
__global__ void index_kernel(F f) {
  f(threadIdx.x);
}
template <class F>
__global__ void cell_kernel(F f) {
  f(threadIdx.x, threadIdx.y);
}
template <class F, class Out>
__global__ void column_kernel(F f, Out out) {
  auto state = F::identity();
  f.add(state, 0, threadIdx.x);
  F::merge(out(threadIdx.x), state);
}
template <class F>
__global__ void row_kernel(F f) {
  auto state = F::identity(), part = F::identity();
  f.add(part, threadIdx.x, 0);
  F::merge(state, part);
  f.finish(threadIdx.x, state);
}
template <class F>
__global__ void find_kernel(F f, bool* found) {
  *found = f(threadIdx.x, threadIdx.y);
}
template <class Cells, class F, class Out>
__global__ void tie_kernel(Cells cells, F f, Out out) {
  auto state = f.identity(), part = f.identity();
  tie_group<typename Cells::score> group{cells.logit(0, 0)};
  f.add(part, group, column_totals{});
  F::merge(state, part);
  out(0) = f.finish(0, state, column_totals{});
}

template <class F>
void for_each(context<cuda>&, std::size_t, F f) {
  index_kernel<<<1, 1>>>(f);
}
template <class F>
void for_each_row(context<cuda>&, std::size_t, std::size_t, F f) {
  index_kernel<<<1, 1>>>(f);
}
template <class F>
void for_each_cell(context<cuda>&, std::size_t, std::size_t, F f) {
  cell_kernel<<<1, 1>>>(f);
}
template <class F>
void reduce_columns(context<cuda>&, std::size_t, std::size_t, F f, vector_view<typename F::total, cuda> out) {
  column_kernel<<<1, 1>>>(f, out);
}
template <class F>
void reduce_rows(context<cuda>&, std::size_t, std::size_t, F f) {
  row_kernel<<<1, 1>>>(f);
}
template <class F>
std::size_t find_first(context<cuda>&, std::size_t rows, std::size_t cols, F f) {
  find_kernel<<<1, 1>>>(f, nullptr);
  return rows * cols;
}
template <class Cells, class F>
void reduce_tie_groups(context<cuda>&, Cells const& cells, F f, vector_view<typename F::result, cuda> out) {
  tie_kernel<<<1, 1>>>(cells, f, out);
}
template <class T>
void fill(context<cuda>&, vector_view<T, cuda>, std::type_identity_t<T>) {}
template <class T>
void copy(context<cuda>&, vector_view<const T, cuda>, vector_view<T, cpu>) {}
template <class T>
void copy(context<cuda>&, vector_view<const T, cpu>, vector_view<T, cuda>) {}
template <class T>
void copy(context<cuda>&, vector_view<const T, cuda>, vector_view<T, cuda>) {}
template <class T>
void gemm(context<cuda>&, std::type_identity_t<T>, matrix_view<const T, cuda>, matrix_view<const T, cuda>,
          std::type_identity_t<T>, matrix_view<T, cuda>) {}

}  // namespace softf1::inline SOFTF1_ABI

#include <softf1/decisions/apply.hpp>
#include <softf1/decisions/probabilities.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/losses/all.hpp>
#include <softf1/metrics/all.hpp>
#include <softf1/optimizers/clip_by_norm.hpp>
#include <softf1/optimizers/optimizer.hpp>
#include <softf1/scores/all.hpp>
#include <softf1/thresholds/all.hpp>

template <class T>
using matrix = softf1::matrix_view<T, softf1::cuda>;

void everything(softf1::context<softf1::cuda>& ctx, matrix<const float> logits, matrix<const float> targets,
                matrix<float> out, matrix<std::uint8_t> decisions, matrix<std::uint64_t> bits,
                softf1::vector_view<double, softf1::cuda> value) {
  softf1::losses::all::for_each([&]<class Loss>() {
    softf1::value_and_gradient(ctx, Loss{}, logits, targets, value, out);
    softf1::loss_union<Loss, softf1::cuda> all(ctx, Loss{}, logits.cols());
    all.merge(ctx, all);
  });
  softf1::make_report(ctx, logits, targets);
  softf1::best_thresholds(ctx, softf1::f1{}, logits, targets);
  softf1::decide(ctx, logits, softf1::decision_rule{}, decisions);
  softf1::decide_bits(ctx, logits, softf1::decision_rule{}, bits);
  softf1::sigmoid(ctx, logits, out);
  softf1::softmax(ctx, logits, out);
}

void network(softf1::context<softf1::cuda>& ctx, softf1::layers::table const& blocks,
             softf1::layers::feature_maps<const float, softf1::cuda> x) {
  // Tables are of any layer, so all of them are compiled.
  softf1::layers::network<float, softf1::cuda> net(ctx, {7, 7, 3}, blocks);
  softf1::layers::pass<softf1::cuda> const how;
  net.backward(ctx, how, x, net.forward(ctx, how, x));
  auto const gradients = net.gradients(ctx);
  softf1::clip_by_norm(ctx, 1, gradients);
  // As are update rules.
  softf1::optimizer<float, softf1::cuda> rule(ctx, softf1::optimizers::adam{}, gradients.size());
  rule.step(ctx, net.parameters(), gradients, 0.1);
}
