// A trainable network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/layers/table.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The module graph of a table of blocks. All trained parameters lie in one flat array, their gradients in another,
/// state (running statistics) in a third. Activations of the last forward pass are kept for the backward pass; after
/// the first pass of a batch size nothing is allocated. Used by one thread at a time.
template <class T, class B = cpu>
class network {
 public:
  using in_maps = feature_maps<const T, B>;

  /// Throws value_error and shape_error for an input of no elements and for a table that does not fit together or to the input.
  /// First values are a pure function of the seed; without one, all values are 0 until they are loaded.
  network(context<B>& ctx, sample_shape input, table blocks, std::optional<std::uint64_t> seed = 0)
      : input_(input), blocks_(std::move(blocks)), nodes_(resolve(blocks_)) {
    require_value(input_.size() > 0, "network", "the input must not be empty, got shape " + shape_text(input_));
    for (auto const& n : nodes_) {
      sample_shape const in = shape_before(n.input);
      modules_.push_back(std::visit([&](auto const& layer) { return layer.template make<T, B>(in); }, n.layer));
      modules_.back()->index = modules_.size() - 1;
      if (n.add != node::none && shape_after(n.add) != modules_.back()->output_shape())
        throw shape_error("network: block '" + n.name + "' of shape " + shape_text(modules_.back()->output_shape()) +
                          " cannot add '" + nodes_[n.add].name + "' of shape " + shape_text(shape_after(n.add)));
    }
    outputs_.resize(nodes_.size());
    slopes_.resize(nodes_.size());
    lay_out(ctx);
    find_needs();
    if (seed) {
      initialise(ctx, *seed);
    } else {
      fill(ctx, parameters_.view(), T(0));
      fill(ctx, state_.view(), T(0));
    }
  }

  sample_shape input_shape() const { return input_; }
  sample_shape output_shape() const { return modules_.back()->output_shape(); }
  table const& blocks() const { return blocks_; }
  std::vector<node> const& nodes() const { return nodes_; }
  /// The shape of what block i gives.
  sample_shape shape_after(std::size_t i) const { return modules_[i]->output_shape(); }

  /// All trained values, (P,), and their gradients; state, (S,).
  vector_view<T, B> parameters() { return parameters_.view(); }
  vector_view<const T, B> parameters() const { return parameters_.view(); }
  vector_view<T, B> state() { return state_.view(); }
  vector_view<const T, B> state() const { return state_.view(); }
  vector_view<T, B> gradients(context<B>& ctx) {
    allocate_gradients(ctx);
    return gradients_.view();
  }

  /// Every array with its full name ("features.0.weight"), in the order of the blocks.
  std::vector<parameter<T, B>> const& named() const { return named_; }
  /// The block that array k of `named()` belongs to.
  std::size_t owner(std::size_t k) const { return owners_[k]; }

  /// Freezes the arrays for whose full name `is_frozen(std::string const&)` is true, and trains all others: a frozen array
  /// keeps its place in the flat buffers and has a gradient of 0, and `backward` ends where no array below is trained.
  /// Gradients that earlier passes left are the caller's to clear. State is never trained.
  template <class Predicate>
  void freeze(Predicate const& is_frozen) {
    std::size_t k = 0;
    each_parameter([&](std::size_t, parameter<T, B>& p) {
      named_[k].trained = p.trained = p.role == parameter_role::trained && !is_frozen(std::as_const(named_[k].name));
      ++k;
    });
    find_needs();
  }
  /// True where block i, or one that it comes from, has an array that is trained.
  bool needs_gradient(std::size_t i) const { return needs_[i]; }

  /// First values of all arrays. A pure function of the seed.
  void initialise(context<B>& ctx, std::uint64_t seed) {
    std::vector<T> host;
    for (std::size_t k = 0; k < named_.size(); ++k) {
      auto const& p = named_[k];
      host.resize(p.size());
      layers::initialise<T>(p.initial, p.fan_in, p.fan_out, seed, k, {host.data(), host.size()});
      copy(ctx, vector_view<const T>(host.data(), host.size()), p.values);
    }
  }

  /// y = network(x) for x (N, input_shape()). The result is valid until the next pass.
  /// Throws shape_error for x of another shape.
  in_maps forward(context<B>& ctx, pass<B> const& how, in_maps x) {
    require_shape("network", "x", {x.extent(0), input_.height, input_.width, input_.channels}, x.shape());
    require_dense("network", "x", x);
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      auto const y = maps(ctx, outputs_[i], x.extent(0), shape_after(i));
      modules_[i]->forward(ctx, how, input_of(i, x), y);
      if (nodes_[i].add != node::none) add(ctx, output_of(nodes_[i].add, x), y);
    }
    return output_of(nodes_.size() - 1, x);
  }

  /// Adds the gradients of all parameters that are trained for the loss's gradient by the network's output.
  /// `how`, `x`: as in the forward pass before. Blocks below the first that is trained cost nothing.
  void backward(context<B>& ctx, pass<B> const& how, in_maps x, in_maps grad_y) {
    require_shape("network", "grad_y",
                  {x.extent(0), output_shape().height, output_shape().width, output_shape().channels}, grad_y.shape());
    require_dense("network", "grad_y", grad_y);
    allocate_gradients(ctx);
    reached_.assign(nodes_.size(), false);
    std::size_t const n = x.extent(0), last = nodes_.size() - 1;
    for (std::size_t i = nodes_.size(); i-- > 0;) {
      if (!needs_[i] || (i != last && !reached_[i])) continue;
      in_maps const above = i == last ? grad_y : in_maps(maps(ctx, slopes_[i], n, shape_after(i)));
      if (std::size_t const to = nodes_[i].add; needs(to)) receive(ctx, to, above);
      std::size_t const from = nodes_[i].input;
      in_maps const in = input_of(i, x), out = output_of(i, x);
      if (!needs(from)) {
        if (modules_[i]->trains()) modules_[i]->backward(ctx, how, in, out, above, {});
      } else if (!reached_[from]) {
        modules_[i]->backward(ctx, how, in, out, above, maps(ctx, slopes_[from], n, shape_after(from)));
        reached_[from] = true;
      } else {
        auto const scratch = maps(ctx, scratch_, n, shape_after(from));
        modules_[i]->backward(ctx, how, in, out, above, scratch);
        add(ctx, scratch, maps(ctx, slopes_[from], n, shape_after(from)));
      }
    }
  }

 private:
  bool needs(std::size_t i) const { return i != node::none && needs_[i]; }
  void find_needs() {
    needs_.assign(nodes_.size(), false);
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      needs_[i] = modules_[i]->trains() || needs(nodes_[i].input) || needs(nodes_[i].add);
  }

  sample_shape shape_before(std::size_t i) const { return i == node::none ? input_ : shape_after(i); }

  void lay_out(context<B>& ctx) {
    std::size_t sizes[2] = {0, 0};
    each_parameter([&](std::size_t, parameter<T, B>& p) { sizes[p.role == parameter_role::state] += p.size(); });
    parameters_ = buffer<T, B>(ctx, sizes[0]);
    state_ = buffer<T, B>(ctx, sizes[1]);
    T* next[2] = {parameters_.data(), state_.data()};
    each_parameter([&](std::size_t i, parameter<T, B>& p) {
      T*& at = next[p.role == parameter_role::state];
      p.values = {at, p.size()};
      at += p.size();
      p.trained = p.role == parameter_role::trained;
      named_.push_back(p);
      named_.back().name = nodes_[i].name + "." + p.name;
      owners_.push_back(i);
    });
  }

  void allocate_gradients(context<B>& ctx) {
    if (gradients_.size() == parameters_.size()) return;
    gradients_ = buffer<T, B>(ctx, parameters_.size());
    fill(ctx, gradients_.view(), T(0));
    T* next = gradients_.data();
    std::size_t k = 0;
    each_parameter([&](std::size_t, parameter<T, B>& p) {
      if (p.role == parameter_role::trained) {
        named_[k].gradients = p.gradients = {next, p.size()};
        next += p.size();
      }
      ++k;
    });
  }

  template <class Visit>
  void each_parameter(Visit const& visit) {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      for (auto& p : modules_[i]->parameters()) visit(i, p);
  }

  // A batch's maps in memory that grows when it must.
  static feature_maps<T, B> maps(context<B>& ctx, buffer<T, B>& in, std::size_t n, sample_shape s) {
    if (in.size() < n * s.size()) in = buffer<T, B>(ctx, n * s.size());
    return {in.data(), {n, s.height, s.width, s.channels}};
  }

  in_maps output_of(std::size_t i, in_maps x) const {
    sample_shape const s = shape_after(i);
    return {outputs_[i].data(), {x.extent(0), s.height, s.width, s.channels}};
  }
  in_maps input_of(std::size_t i, in_maps x) const {
    return nodes_[i].input == node::none ? x : output_of(nodes_[i].input, x);
  }

  static void add(context<B>& ctx, in_maps from, feature_maps<T, B> to) {
    for_each(ctx, to.size(), add_to<T, B>{elements_of(from), elements_of(to)});
  }

  void receive(context<B>& ctx, std::size_t i, in_maps slopes) {
    auto const to = maps(ctx, slopes_[i], slopes.extent(0), shape_after(i));
    if (reached_[i]) return add(ctx, slopes, to);
    copy(ctx, elements_of(slopes), elements_of(to));
    reached_[i] = true;
  }

  sample_shape input_;
  table blocks_;
  std::vector<node> nodes_;
  std::vector<std::unique_ptr<module<T, B>>> modules_;
  buffer<T, B> parameters_, gradients_, state_, scratch_;
  std::vector<parameter<T, B>> named_;
  std::vector<std::size_t> owners_;
  std::vector<buffer<T, B>> outputs_, slopes_;
  std::vector<bool> needs_, reached_;
};

}  // namespace softf1::inline SOFTF1_ABI::layers
