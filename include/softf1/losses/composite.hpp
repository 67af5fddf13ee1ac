// The union of a loss that is a sum of others.
#pragma once

#include <cstddef>
#include <tuple>
#include <utility>

#include <softf1/losses/loss.hpp>
#include <softf1/losses/weighted_loss.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

template <class Loss, class B = cpu>
class loss_union;

namespace detail {

template <class B, class Terms>
struct unions_of;
template <class B, class... Loss>
struct unions_of<B, std::tuple<weighted_loss<Loss>...>> {
  using type = std::tuple<loss_union<Loss, B>...>;

  static type make(context<B>& ctx, std::tuple<weighted_loss<Loss>...> const& terms, std::size_t labels,
                   loss_options<B> const& options) {
    return std::apply(
        [&](auto const&... term) { return type(loss_union<Loss, B>(ctx, term.loss, labels, options)...); }, terms);
  }
};

template <class G, class T, class B>
struct store_cells {
  matrix_view<const T, B> from;
  matrix_view<G, B> to;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const { to(i, j) = static_cast<G>(from(i, j)); }
};

}  // namespace detail

/// A sum of losses over the union of any batches: as any other loss, with a union for each term. Gradients take two
/// numbers a cell of scratch.
template <composite_loss Loss, class B>
class loss_union<Loss, B> {
  using terms_type = decltype(std::declval<Loss const&>().terms());
  using unions = detail::unions_of<B, terms_type>;

 public:
  loss_union(context<B>& ctx, Loss const& loss, std::size_t labels, loss_options<B> const& options = {})
      : terms_(checked(loss).terms()), unions_(unions::make(ctx, terms_, labels, options)), value_(ctx, 1) {}

  void reset(context<B>& ctx) {
    each([&](auto& one, double, bool) { one.reset(ctx); });
  }

  template <class X, class Y>
  void add(context<B>& ctx, X const& logits, Y const& targets, loss_options<B> const& options = {}) {
    each([&](auto& one, double, bool) { one.add(ctx, logits, targets, options); });
  }

  template <class AllGather>
  void exchange(context<B>& ctx, AllGather const& all_gather) {
    each([&](auto& one, double, bool) { one.exchange(ctx, all_gather); });
  }

  void merge(context<B>& ctx, loss_union const& other) { merge(ctx, other, std::make_index_sequence<count>{}); }

  void value(context<B>& ctx, vector_view<double, B> value) {
    each([&](auto& one, double weight, bool first) {
      one.value(ctx, value_.view());
      add_value(ctx, weight, first, value);
    });
  }

  void exact_value(context<B>& ctx, vector_view<double, B> value) {
    each([&](auto& one, double weight, bool first) {
      one.exact_value(ctx, value_.view());
      add_value(ctx, weight, first, value);
    });
  }

  double value(context<B>& ctx) {
    buffer<double, B> there(ctx, 1);
    value(ctx, there.view());
    double host = 0;
    copy(ctx, std::as_const(there).view(), vector_view<double>(&host, 1));
    return host;
  }

  template <class X, class Y, class G>
  void value_and_gradient(context<B>& ctx, X const& logits, Y const& targets, vector_view<double, B> value,
                          G&& grad_logits, loss_options<B> const& options = {}) {
    require_shape(Loss::name, "value", {1}, value.shape());
    sum_gradients(ctx, grad_logits, [&](auto& one, double weight, bool first, auto part) {
      one.value_and_gradient(ctx, logits, targets, value_.view(), part, options);
      add_value(ctx, weight, first, value);
    });
  }

  template <class X, class Y, class G>
  void gradient(context<B>& ctx, X const& logits, Y const& targets, G&& grad_logits,
                loss_options<B> const& options = {}) {
    sum_gradients(ctx, grad_logits,
                  [&](auto& one, double, bool, auto part) { one.gradient(ctx, logits, targets, part, options); });
  }

  void advance(context<B>& ctx) {
    each([&](auto& one, double, bool) { one.advance(ctx); });
  }

  template <class Visit>
  void each_memory(Visit const& visit) {
    each([&](auto& one, double, bool) { one.each_memory(visit); });
  }

 private:
  static constexpr std::size_t count = std::tuple_size_v<terms_type>;

  static Loss const& checked(Loss const& loss) {
    if constexpr (requires { loss.check(Loss::name); }) loss.check(Loss::name);
    return loss;
  }

  // use(union, weight, whether it is the first) for each term.
  template <class Use>
  void each(Use const& use) {
    each(use, std::make_index_sequence<count>{});
  }
  template <class Use, std::size_t... k>
  void each(Use const& use, std::index_sequence<k...>) {
    (use(std::get<k>(unions_), std::get<k>(terms_).weight, k == 0), ...);
  }

  template <std::size_t... k>
  void merge(context<B>& ctx, loss_union const& other, std::index_sequence<k...>) {
    (std::get<k>(unions_).merge(ctx, std::get<k>(other.unions_)), ...);
  }

  void add_value(context<B>& ctx, double weight, bool first, vector_view<double, B> value) {
    for_each(ctx, 1, add_scaled_value<B>{std::as_const(value_).view(), weight, first, value});
  }

  // Summed in the type in which losses compute: half a dozen roundings to 8 bits would be seen.
  template <class G, class Use>
  void sum_gradients(context<B>& ctx, G& grad_logits, Use const& use) {
    auto const out = to_view<2>(grad_logits, Loss::name, "grad_logits");
    using stored = typename decltype(out)::value_type;
    using T = compute_type<stored>;
    std::size_t const rows = out.rows(), cols = out.cols();
    buffer<T, B> sum(ctx, rows * cols), part(ctx, rows * cols);
    each([&](auto& one, double weight, bool first) {
      use(one, weight, first, part.matrix(rows, cols));
      for_each_cell(
          ctx, rows, cols,
          add_scaled_cells<T, B>{part.matrix(rows, cols), static_cast<T>(weight), first, sum.matrix(rows, cols)});
    });
    for_each_cell(ctx, rows, cols, detail::store_cells<stored, T, B>{sum.matrix(rows, cols), out});
  }

  terms_type terms_;
  typename unions::type unions_;
  buffer<double, B> value_;
};

}  // namespace softf1::inline SOFTF1_ABI::losses
