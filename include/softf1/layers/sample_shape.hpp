// Shapes of what flows between layers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// The shape of one sample, (height, width, channels); a vector of D features is (1, 1, D).
struct sample_shape {
  std::size_t height = 1, width = 1, channels = 1;

  SOFTF1_HD constexpr std::size_t pixels() const { return height * width; }
  SOFTF1_HD constexpr std::size_t size() const { return height * width * channels; }
  friend constexpr bool operator==(sample_shape const&, sample_shape const&) = default;
};

/// "(7, 7, 320)".
inline std::string shape_text(sample_shape const& s) { return softf1::shape_text({s.height, s.width, s.channels}); }

/// Activations of a batch: (N, H, W, C), dense.
template <class T, class B = cpu>
using feature_maps = tensor_view<T, 4, B>;

/// Throws shape_error unless the elements of a view lie one after the other.
template <class T, std::size_t N, class B>
void require_dense(std::string_view who, std::string_view what, tensor_view<T, N, B> const& x) {
  if (!x.is_dense())
    throw shape_error(std::string(who) + ": " + std::string(what) + " must be dense, got one with gaps");
}

/// Features of a batch (N, D) as feature maps. Throws shape_error unless they are dense.
template <class T, class B>
feature_maps<T, B> maps_of(matrix_view<T, B> rows) {
  require_dense("maps_of", "features", rows);
  return {rows.data(), {rows.rows(), 1, 1, rows.cols()}};
}

/// Rows of H · W · C values each as feature maps. Throws shape_error unless they are dense and of that many values.
template <class T, class B>
feature_maps<T, B> maps_of(matrix_view<T, B> rows, sample_shape s) {
  require_dense("maps_of", "features", rows);
  require_shape("maps_of", "features", {rows.rows(), s.size()}, rows.shape());
  return {rows.data(), {rows.rows(), s.height, s.width, s.channels}};
}

template <class T, class B>
sample_shape sample_of(feature_maps<T, B> const& x) {
  return {x.extent(1), x.extent(2), x.extent(3)};
}

/// All pixels of a batch as rows: (N · H · W, C).
template <class T, class B>
matrix_view<T, B> pixels_of(feature_maps<T, B> const& x) {
  return {x.data(), x.extent(0) * x.extent(1) * x.extent(2), x.extent(3)};
}

/// All elements of a batch: (N · H · W · C).
template <class T, class B>
vector_view<T, B> elements_of(feature_maps<T, B> const& x) {
  return {x.data(), x.size()};
}

/// One sample of a batch: (H, W, C).
template <class T, class B>
tensor_view<T, 3, B> sample_at(feature_maps<T, B> const& x, std::size_t i) {
  sample_shape const s = sample_of(x);
  return {x.data() + i * s.size(), {s.height, s.width, s.channels}};
}

}  // namespace softf1::inline SOFTF1_ABI::layers
