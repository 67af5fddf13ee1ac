// Mixup: rows of a batch mixed in pairs.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/random.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// A draw of Beta(alpha, alpha), alpha in (0, 1], by Jöhnk's method; a pure function of the stream.
/// Source: Jöhnk, Metrika 1964.
SOFTF1_HD double symmetric_beta(random_stream const& random, double alpha) {
  for (std::uint64_t k = 0; k < 64; ++k) {
    double const x = std::pow(random.uniform<double>(2 * k), 1 / alpha);
    double const y = std::pow(random.uniform<double>(2 * k + 1), 1 / alpha);
    if (x + y > 0 && x + y <= 1) return x / (x + y);
  }
  return random.uniform<double>(128) < 0.5 ? 0 : 1;  // alpha is so small that it hardly ever is anything else
}

/// The share of a row in its mix, λ ~ Beta(alpha, alpha): one a pair, a pure function of (seed, epoch, the place of
/// the pair's first row).
template <class T, class B>
struct draw_shares {
  vector_view<std::uint64_t const, B> places;
  std::uint64_t const* epoch;
  std::uint64_t seed;
  double alpha;
  vector_view<T, B> shares;
  SOFTF1_HD void operator()(std::size_t i) const {
    random_stream const random(seed, random_purpose::mixup, *epoch, places(i));
    shares(i) = static_cast<T>(symmetric_beta(random, alpha));
  }
};

/// Rows i and n − 1 − i of a matrix become λ · own + (1 − λ) · other. The same for features and targets.
/// Source: Zhang et al., "mixup: beyond empirical risk minimization", ICLR 2018.
template <class T, class B>
struct mix_pairs {
  matrix_view<T, B> rows;
  vector_view<T const, B> shares;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    std::size_t const other = rows.rows() - 1 - i;
    T const a = rows(i, j), b = rows(other, j);
    rows(i, j) = b + shares(i) * (a - b);
    rows(other, j) = a + shares(i) * (b - a);
  }
};

/// Of a pair, only what both rows have is present: what is missing of one is missing of the mix.
template <class B>
struct mix_present {
  matrix_view<std::uint8_t, B> present;
  SOFTF1_HD void operator()(std::size_t i, std::size_t j) const {
    std::size_t const other = present.rows() - 1 - i;
    bool const both = present(i, j) != 0 && present(other, j) != 0;
    present(i, j) = present(other, j) = static_cast<std::uint8_t>(both);
  }
};

}  // namespace softf1::inline SOFTF1_ABI::training
