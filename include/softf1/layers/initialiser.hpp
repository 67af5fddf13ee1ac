// First values of parameters.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// zeros, ones; uniform in ±√(6 / (fan_in + fan_out)) (Glorot & Bengio 2010), normal or uniform of variance 2 / fan_in
/// (He et al. 2015), uniform in ±1 / √fan_in (what torch.nn.Linear begins with).
enum class initialiser { zeros, ones, glorot_uniform, he_normal, he_uniform, fan_in_uniform };

inline constexpr std::array<std::string_view, 6> initialiser_names{"zeros",     "ones",       "glorot_uniform",
                                                                   "he_normal", "he_uniform", "fan_in_uniform"};

constexpr std::string_view name_of(initialiser i) { return initialiser_names[static_cast<std::size_t>(i)]; }

/// Throws value_error listing the names where there is none such.
inline initialiser initialiser_named(std::string_view name) {
  std::string known;
  for (std::size_t k = 0; k < initialiser_names.size(); ++k) {
    if (initialiser_names[k] == name) return static_cast<initialiser>(k);
    known += (k ? ", " : "") + std::string(initialiser_names[k]);
  }
  throw value_error("no initialiser is named '" + std::string(name) + "', there are " + known);
}

/// Fills host memory with the first values of one parameter: a pure function of (seed, index of the parameter, element).
template <class T>
void initialise(initialiser how, std::size_t fan_in, std::size_t fan_out, std::uint64_t seed, std::uint64_t index,
                vector_view<T> values) {
  random_stream const random(seed, random_purpose::initialise, index);
  auto const uniform = [&](double bound) {
    for (std::size_t i = 0; i < values.size(); ++i) values(i) = static_cast<T>(bound * (2 * random.uniform(i) - 1));
  };
  auto const in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  switch (how) {
    case initialiser::zeros:
    case initialiser::ones:
      for (std::size_t i = 0; i < values.size(); ++i) values(i) = how == initialiser::ones ? T(1) : T(0);
      break;
    case initialiser::glorot_uniform:
      uniform(std::sqrt(6 / (in + out)));
      break;
    case initialiser::he_uniform:
      uniform(std::sqrt(6 / in));
      break;
    case initialiser::fan_in_uniform:
      uniform(1 / std::sqrt(in));
      break;
    case initialiser::he_normal:
      // Box and Muller: two uniform numbers give one normal number.
      for (std::size_t i = 0; i < values.size(); ++i) {
        double const radius = std::sqrt(-2 * std::log(1 - random.uniform(2 * i)));
        values(i) =
            static_cast<T>(std::sqrt(2 / in) * radius * std::cos(6.283185307179586 * random.uniform(2 * i + 1)));
      }
      break;
  }
}

}  // namespace softf1::inline SOFTF1_ABI::layers
