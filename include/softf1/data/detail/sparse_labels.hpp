// The labels of each row as lists: work on them costs as much as there are positives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <softf1/core/errors.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::data::detail {

class sparse_labels {
 public:
  /// Throws value_error with row and label for a target that is neither 0 nor 1.
  sparse_labels(matrix_view<std::uint8_t const> targets, std::string_view who)
      : first_(targets.rows() + 1), counts_(targets.cols()) {
    for (std::size_t i = 0; i < targets.rows(); ++i) {
      for (std::size_t j = 0; j < targets.cols(); ++j) {
        if (targets(i, j) > 1) throw_bad_cell(who, "a target must be 0 or 1", targets(i, j), i, j);
        if (targets(i, j) == 0) continue;
        labels_.push_back(j);
        ++counts_[j];
      }
      first_[i + 1] = labels_.size();
    }
  }

  std::size_t rows() const { return first_.size() - 1; }

  /// The labels of a row, ascending.
  std::span<std::size_t const> of(std::size_t row) const {
    return std::span(labels_).subspan(first_[row], first_[row + 1] - first_[row]);
  }

  /// Number of rows that have each label.
  std::vector<std::size_t> const& counts() const { return counts_; }

 private:
  std::vector<std::size_t> first_, labels_, counts_;
};

}  // namespace softf1::inline SOFTF1_ABI::data::detail
