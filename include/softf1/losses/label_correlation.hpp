// A penalty that keeps labels together that come together.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/named.hpp>
#include <softf1/losses/row_wise.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// Σ_{j<k} S_jk (z_j − z_k)² / Σ_{j<k} S_jk, a row: the mean squared difference of logits over the pairs of its present labels,
/// weighed by how alike the labels are. It knows no targets: add it to a loss, `bce+label_correlation:weight=0.01`.
/// Range [0, ∞); 0 at equal logits. A row without a pair of S > 0 is no term. Weights of cells weigh their pairs. Logits
/// are finite.
/// Cost: L² / 2 steps a row, no exponential; L² numbers of memory.
/// Source: the label manifold of Zhu, Kwok and Zhou, "Multi-label learning with global and local label correlation",
/// TKDE, 2018, whose tr(Z Λ Zᵀ), Λ the Laplacian of S, is the numerator.
struct label_correlation {
  static constexpr loss_kind kind = loss_kind::row_wise;
  static constexpr std::string_view name = "label_correlation";
  static constexpr auto option_names = no_options;
  static constexpr std::string_view domain = "logits must be finite";

  std::vector<double> similarities = {};  ///< (L, L) row-major, symmetric, finite, >= 0 (see training::label_cosines); empty: all 1

  struct functor {
    double const* similarities;

    template <class Row>
    SOFTF1_HD term_sums operator()(Row const& row, typename Row::number* slopes) const {
      using T = typename Row::number;
      double const divisor = weight_of_pairs(row);
      if (divisor == 0) return {};
      double sum = 0;
      for (std::size_t j = 0; j < row.size(); ++j) {
        auto const mine = row[j];
        if (!mine.present) continue;
        sum += static_cast<double>(select(mine.logit == mine.logit, T(0), mine.logit));  // NaN is seen in any pair
        T slope = T(0);
        for (std::size_t k = 0; k < row.size(); ++k) {
          auto const other = row[k];
          T const s = select(other.present & (k != j), similarity(row, j, k) * mine.weight * other.weight, T(0));
          T const gap = select(s == T(0), T(0), mine.logit - other.logit);
          sum += static_cast<double>(s * gap * gap);
          slope += s * gap;
        }
        if (slopes) slopes[j] += static_cast<T>(2 / divisor) * slope;
      }
      return {sum / 2 / divisor, 1, 1};  // each pair was met twice
    }

   private:
    template <class Row>
    SOFTF1_HD typename Row::number similarity(Row const& row, std::size_t j, std::size_t k) const {
      return static_cast<typename Row::number>(similarities[j * row.size() + k]);
    }
    template <class Row>
    SOFTF1_HD double weight_of_pairs(Row const& row) const {
      double weight = 0;
      for (std::size_t j = 0; j < row.size(); ++j)
        for (std::size_t k = 0; k < j; ++k)
          weight += static_cast<double>(similarity(row, j, k) * row[j].weight * row[k].weight);
      return weight;
    }
  };

  template <class B>
  struct bound {
    buffer<double, B> similarities;
    functor get() const { return {similarities.data()}; }
  };

  /// Throws shape_error unless similarities is empty or (L, L), value_error where it is not symmetric, finite and >= 0.
  template <class B>
  bound<B> bind(context<B>& ctx, std::size_t labels) const {
    buffer<double, B> there(ctx, labels * labels);
    fill(ctx, there.view(), 1.0);
    if (similarities.empty()) return {std::move(there)};
    vector_view<double const> const host(similarities.data(), similarities.size());
    require_shape(name, "similarities", {labels * labels}, host.shape());
    for (std::size_t j = 0; j < labels; ++j)
      for (std::size_t k = 0; k < labels; ++k) {
        double const s = similarities[j * labels + k];
        require_value(s >= 0 && s * 0 == 0 && s == similarities[k * labels + j], name,
                      "similarities must be symmetric, finite and >= 0, got " + number_text(s) + " for labels " +
                          std::to_string(j) + " and " + std::to_string(k));
      }
    copy(ctx, host, there.view());
    return {std::move(there)};
  }
};

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::label_correlation;
}  // namespace softf1::inline SOFTF1_ABI
