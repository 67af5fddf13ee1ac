// Matrix products of the host.
#pragma once

#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <softf1/backend/blas_layout.hpp>
#include <softf1/backend/cpu/elementwise.hpp>

#if defined(SOFTF1_BLAS_CBLAS)
#include <xtensor-blas/xblas.hpp>

// Weak: null where the CBLAS that was linked is not OpenBLAS.
extern "C" {
[[gnu::weak]] void openblas_set_num_threads(int);
[[gnu::weak]] int openblas_get_num_threads(void);
[[gnu::weak]] char* openblas_get_config(void);
[[gnu::weak]] char* openblas_get_corename(void);
}
#endif

namespace softf1::inline SOFTF1_ABI {

namespace detail {

inline constexpr std::size_t gemm_rows = 128, gemm_cols = 512;

template <class T>
void reference_gemm(context<cpu>& ctx, T alpha, matrix_view<const T> a, matrix_view<const T> b, T beta,
                    matrix_view<T> c) {
  for_each_row(ctx, c.rows(), c.cols() * (a.cols() + 1), [=](std::size_t i) {
    vector_loop(c.cols(), [&](std::size_t j) { c(i, j) = beta == T(0) ? T(0) : beta * c(i, j); });
    for (std::size_t k = 0; k < a.cols(); ++k) {
      T const x = alpha * a(i, k);
      vector_loop(c.cols(), [&](std::size_t j) { c(i, j) += x * b(k, j); });
    }
  });
}

#if defined(SOFTF1_BLAS_CBLAS)
// One thread inside BLAS, since the blocks are split here. The number is the process's: the first product sets it, the
// last of those that run at once brings the caller's back. An OpenBLAS on OpenMP goes by OpenMP's number for the calling
// thread instead, whatever its own says.
class one_blas_thread {
 public:
  one_blas_thread() : openmp_before_(default_threads()) {
    if (!openblas_get_num_threads) return;
    {
      state& s = shared();
      spin_lock const held(s.busy);
      if (s.running++ == 0) {
        s.before = openblas_get_num_threads();
        openblas_set_num_threads(1);
      }
    }
    set_default_threads(1);
  }
  ~one_blas_thread() {
    if (!openblas_get_num_threads) return;
    {
      state& s = shared();
      spin_lock const held(s.busy);
      if (--s.running == 0) openblas_set_num_threads(s.before);
    }
    set_default_threads(openmp_before_);
  }
  one_blas_thread(one_blas_thread const&) = delete;
  one_blas_thread& operator=(one_blas_thread const&) = delete;

 private:
  struct state {
    std::atomic_flag busy = ATOMIC_FLAG_INIT;
    int running = 0, before = 1;
  };
  static state& shared() {
    static state s;
    return s;
  }

  int openmp_before_;
};

template <class T>
void blas_block(T alpha, matrix_view<const T> a, blas_layout la, matrix_view<const T> b, blas_layout lb, T beta,
                matrix_view<T> c, std::ptrdiff_t lc) {
  using index = xt::blas_index_t;
  auto const flag = [](bool transposed) { return transposed ? cxxblas::Trans : cxxblas::NoTrans; };
  cxxblas::gemm<index>(cxxblas::RowMajor, flag(la.transposed), flag(lb.transposed), static_cast<index>(c.rows()),
                       static_cast<index>(c.cols()), static_cast<index>(a.cols()), alpha, a.data(),
                       static_cast<index>(la.leading), b.data(), static_cast<index>(lb.leading), beta, c.data(),
                       static_cast<index>(lc));
}
#endif

template <class T>
matrix_view<T> block_of(matrix_view<T> m, std::size_t row, std::size_t rows, std::size_t col, std::size_t cols) {
  return {&m(row, col), rows, cols, m.stride(0), m.stride(1)};
}

}  // namespace detail

/// c = alpha · a · b + beta · c for a (M, K), b (K, N), c (M, N); T is float or double. With beta = 0, c is not read.
/// Any strides: what BLAS can read (either order, padded rows, transposes) goes to cblas_?gemm without a copy, through
/// xtensor-blas's own layer; other strides, and builds without a BLAS, to a reference product. c must not overlap a or
/// b.
/// Throws shape_error for shapes that do not fit. Blocks of 128 × 512 of c are computed on the context's threads, BLAS
/// itself on one: the same bits for any number of threads. No allocation.
template <class T>
void gemm(context<cpu>& ctx, std::type_identity_t<T> alpha, matrix_view<const T> a,
          std::type_identity_t<matrix_view<const T>> b, std::type_identity_t<T> beta,
          std::type_identity_t<matrix_view<T>> c) {
  static_assert(std::is_same_v<T, float> || std::is_same_v<T, double>, "softf1: gemm is for float and double");
  require_shape("gemm", "b", {a.cols(), b.cols()}, b.shape());
  require_shape("gemm", "c", {a.rows(), b.cols()}, c.shape());
  if (c.size() == 0) return;
#if defined(SOFTF1_BLAS_CBLAS)
  auto const la = detail::blas_layout_of(a), lb = detail::blas_layout_of(b);
  auto const lc = detail::blas_layout_of(c);
  if (la.readable && lb.readable && lc.readable && !lc.transposed && a.cols() > 0) {
    detail::one_blas_thread const guard;
    std::size_t const rows = (c.rows() + detail::gemm_rows - 1) / detail::gemm_rows;
    std::size_t const cols = (c.cols() + detail::gemm_cols - 1) / detail::gemm_cols;
    detail::parallel_tasks(detail::threads_for(ctx, c.size() * a.cols()), rows * cols, [&](std::size_t task) {
      std::size_t const i = task / cols * detail::gemm_rows, j = task % cols * detail::gemm_cols;
      std::size_t const m = c.rows() - i < detail::gemm_rows ? c.rows() - i : detail::gemm_rows;
      std::size_t const n = c.cols() - j < detail::gemm_cols ? c.cols() - j : detail::gemm_cols;
      detail::blas_block<T>(alpha, detail::block_of(a, i, m, 0, a.cols()), la, detail::block_of(b, 0, b.rows(), j, n),
                            lb, beta, detail::block_of(c, i, m, j, n), lc.leading);
    });
    return;
  }
#endif
  detail::reference_gemm<T>(ctx, alpha, a, b, beta, c);
}

/// The BLAS in use and the kernel that it chose for this machine: "OpenBLAS 0.3.21 (SkylakeX)", "CBLAS", "builtin".
inline std::string blas_name() {
#if defined(SOFTF1_BLAS_CBLAS)
  if (!openblas_get_config || !openblas_get_corename) return "CBLAS";
  std::string_view const config = openblas_get_config();
  std::string_view const version = config.substr(0, config.find(' ', config.find(' ') + 1));
  return std::string(version) + " (" + openblas_get_corename() + ")";
#else
  return "builtin";
#endif
}

}  // namespace softf1::inline SOFTF1_ABI
