// Numbers of a data set as functions of how often each row occurs: what resampling and the delta method work on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// How many resamples are evaluated at once, side by side.
inline constexpr std::size_t resample_lanes = 8;

/// K numbers of N rows, for any multiplicity m_i >= 0 of each row: row i occurs m_i times. The data are m = 1.
/// To make one's own, derive from this; `decided_rows` and `ranked_rows` have those of the library.
class row_statistic_source {
 public:
  virtual ~row_statistic_source() = default;
  virtual std::size_t rows() const = 0;
  virtual std::size_t values() const = 0;
  /// Doubles that `evaluate` needs to work.
  virtual std::size_t scratch() const = 0;
  /// values (K, lanes) from multiplicities (N, lanes); NaN is undefined. Called by many threads at once.
  virtual void evaluate(double const* multiplicity, double* values, double* scratch) const = 0;
  /// ∂value_k / ∂m_i at m = 1, (N, K): the influence of each row.
  virtual std::vector<double> influence() const = 0;
  /// 1 for each row that is part of the sample: 0 for weight 0 and for rows without any present cell.
  virtual std::vector<std::uint8_t> counted() const = 0;
  /// Whether every number lies in [0, 1] by definition: its intervals may be made on the logit scale.
  virtual bool is_share() const { return false; }
};

/// A shared, immutable source.
class row_statistic {
 public:
  explicit row_statistic(std::shared_ptr<row_statistic_source const> source) : source_(std::move(source)) {}

  row_statistic_source const& source() const { return *source_; }
  std::shared_ptr<row_statistic_source const> const& shared() const { return source_; }

  /// The K numbers of the data themselves.
  std::vector<double> estimate() const {
    std::vector<double> const ones(source_->rows() * resample_lanes, 1.0);
    std::vector<double> lanes(source_->values() * resample_lanes), scratch(source_->scratch());
    source_->evaluate(ones.data(), lanes.data(), scratch.data());
    std::vector<double> values(source_->values());
    for (std::size_t k = 0; k < values.size(); ++k) values[k] = lanes[k * resample_lanes];
    return values;
  }

 private:
  std::shared_ptr<row_statistic_source const> source_;
};

namespace detail {

/// The target of a cell that two models are compared on.
enum class paired_target : std::uint8_t { negative = 0, positive = 1, missing = 2 };

inline void require_same_target(std::string_view who, std::size_t row, std::size_t label, paired_target first,
                                paired_target second) {
  if (first == second) return;
  auto const text = [](paired_target t) {
    return t == paired_target::missing ? "missing" : t == paired_target::positive ? "1" : "0";
  };
  require_value(false, who,
                std::string("both models must have the same targets, got ") + text(first) + " and " + text(second) +
                    " at row " + std::to_string(row) + ", label " + std::to_string(label));
}

inline void require_same_weight(std::string_view who, std::size_t row, double first, double second) {
  if (first == second) return;
  require_value(false, who,
                "both models must have the same row weights, got " + number_text(first) + " and " +
                    number_text(second) + " for row " + std::to_string(row));
}

class difference_source final : public row_statistic_source {
 public:
  difference_source(row_statistic a, row_statistic b) : a_(std::move(a)), b_(std::move(b)) {}
  std::size_t rows() const override { return a_.source().rows(); }
  std::size_t values() const override { return a_.source().values(); }
  std::size_t scratch() const override {
    std::size_t const a = a_.source().scratch(), b = b_.source().scratch();
    return (a > b ? a : b) + values() * resample_lanes;
  }
  void evaluate(double const* multiplicity, double* values_out, double* scratch_memory) const override {
    std::size_t const n = values() * resample_lanes;
    a_.source().evaluate(multiplicity, values_out, scratch_memory + n);
    b_.source().evaluate(multiplicity, scratch_memory, scratch_memory + n);
    for (std::size_t k = 0; k < n; ++k) values_out[k] -= scratch_memory[k];
  }
  std::vector<double> influence() const override {
    auto result = a_.source().influence();
    auto const other = b_.source().influence();
    for (std::size_t k = 0; k < result.size(); ++k) result[k] -= other[k];
    return result;
  }
  std::vector<std::uint8_t> counted() const override {
    auto result = a_.source().counted();
    auto const other = b_.source().counted();
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = result[i] | other[i];
    return result;
  }

 private:
  row_statistic a_, b_;
};

}  // namespace detail

/// a − b, number by number, of the same rows. Throws shape_error unless both have the same rows and as many numbers.
inline row_statistic operator-(row_statistic const& a, row_statistic const& b) {
  require_shape("row_statistic", "the second statistic", {a.source().rows(), a.source().values()},
                std::vector<std::size_t>{b.source().rows(), b.source().values()});
  return row_statistic(std::make_shared<detail::difference_source>(a, b));
}

}  // namespace softf1::inline SOFTF1_ABI::metrics

namespace softf1::inline SOFTF1_ABI {
using metrics::row_statistic;
}
