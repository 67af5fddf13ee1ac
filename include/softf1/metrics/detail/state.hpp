// What the states of accumulators have in common where they are written and read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/core/errors.hpp>

namespace softf1::inline SOFTF1_ABI::metrics::detail {

/// Finite and >= 0, as every sum of weights is.
inline bool is_sum(double x) { return x >= 0 && x * 0 == 0; }
inline bool are_sums(std::span<double const> all) {
  for (double x : all)
    if (!is_sum(x)) return false;
  return true;
}

/// The name of a score, a constant or a function of it; none where it has none.
template <class Score>
std::string name_of_score(Score const& score) {
  if constexpr (requires { std::string(score.name()); })
    return std::string(score.name());
  else if constexpr (requires { std::string(score.name); })
    return std::string(score.name);
  else
    return {};
}

/// Names as one list of bytes, each ended by a zero; and back. `who` begins the sentence of a value_error.
inline std::vector<std::uint8_t> bytes_of_names(std::vector<std::string> const& names) {
  std::vector<std::uint8_t> bytes;
  for (auto const& name : names) {
    bytes.insert(bytes.end(), name.begin(), name.end());
    bytes.push_back(0);
  }
  return bytes;
}
inline std::vector<std::string> names_of_bytes(std::vector<std::uint8_t> const& bytes, std::string_view who) {
  std::vector<std::string> names;
  std::string name;
  for (auto const byte : bytes) {
    if (byte != 0) {
      name += static_cast<char>(byte);
      continue;
    }
    names.push_back(std::move(name));
    name.clear();
  }
  require_value(name.empty(), who, "the state must hold names that end with a zero");
  return names;
}

/// Throws value_error unless these are the names of what the sums of a state are of.
inline void require_names(std::vector<std::uint8_t> const& bytes, std::vector<std::string> const& expected,
                          std::string_view who) {
  auto const got = names_of_bytes(bytes, who);
  require_value(got.size() == expected.size(), who,
                "the state must hold sums of " + std::to_string(expected.size()) + " scores, got those of " +
                    std::to_string(got.size()));
  for (std::size_t k = 0; k < got.size(); ++k)
    require_value(got[k] == expected[k], who,
                  "the state must hold sums of '" + expected[k] + "', got those of '" + got[k] + "'");
}

}  // namespace softf1::inline SOFTF1_ABI::metrics::detail
