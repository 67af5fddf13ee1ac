// First values of parameters.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/core/named.hpp>
#include <softf1/core/random.hpp>
#include <softf1/core/view.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// Where first values come from: one of the distributions below, or `truncated_normal_of(deviation)`.
struct initialiser {
  enum class kind {
    zeros,
    ones,
    glorot_uniform,
    glorot_normal,
    he_normal,
    he_uniform,
    fan_in_uniform,
    truncated_normal
  };

  kind of = kind::zeros;
  double deviation = 0;  ///< of truncated_normal

  static const initialiser zeros, ones;
  static const initialiser glorot_uniform;    ///< in ±√(6 / (fan_in + fan_out)). Glorot & Bengio, 2010
  static const initialiser glorot_normal;     ///< of variance 2 / (fan_in + fan_out), not truncated
  static const initialiser he_normal;         ///< of variance 2 / fan_in. He et al., 2015
  static const initialiser he_uniform;        ///< the same variance
  static const initialiser fan_in_uniform;    ///< in ±1 / √fan_in, what torch.nn.Linear begins with
  static const initialiser truncated_normal;  ///< of deviation 0.01

  friend constexpr bool operator==(initialiser const&, initialiser const&) = default;
};

inline constexpr initialiser initialiser::zeros{kind::zeros};
inline constexpr initialiser initialiser::ones{kind::ones};
inline constexpr initialiser initialiser::glorot_uniform{kind::glorot_uniform};
inline constexpr initialiser initialiser::glorot_normal{kind::glorot_normal};
inline constexpr initialiser initialiser::he_normal{kind::he_normal};
inline constexpr initialiser initialiser::he_uniform{kind::he_uniform};
inline constexpr initialiser initialiser::fan_in_uniform{kind::fan_in_uniform};
inline constexpr initialiser initialiser::truncated_normal{kind::truncated_normal, 0.01};

/// Normal numbers of the deviation before those beyond two deviations are drawn anew, as TensorFlow's
/// truncated_normal_initializer does: what is left has .88 of it.
constexpr initialiser truncated_normal_of(double deviation) { return {initialiser::kind::truncated_normal, deviation}; }

inline constexpr std::array<std::string_view, 8> initialiser_names{
    "zeros",     "ones",       "glorot_uniform", "glorot_normal",
    "he_normal", "he_uniform", "fan_in_uniform", "truncated_normal"};

constexpr std::string_view name_of(initialiser const& i) { return initialiser_names[static_cast<std::size_t>(i.of)]; }

/// "he_normal", "truncated_normal:deviation=0.02": what `initialiser_named` reads.
inline std::string to_text(initialiser const& i) {
  bool const has_deviation = i.of == initialiser::kind::truncated_normal;
  return std::string(name_of(i)) + (has_deviation ? ":deviation=" + number_text(i.deviation) : "");
}

/// The initialiser of a text, `name`, or `truncated_normal:deviation=<number above 0>`.
/// Throws value_error listing the names where there is none such, and for options that it does not have.
inline initialiser initialiser_named(std::string_view text) {
  std::string const name(text.substr(0, text.find(':')));
  std::string known;
  for (std::size_t k = 0; k < initialiser_names.size(); ++k) {
    known += (k ? ", " : "") + std::string(initialiser_names[k]);
    if (initialiser_names[k] != name) continue;
    bool const is_truncated = static_cast<initialiser::kind>(k) == initialiser::kind::truncated_normal;
    initialiser made = is_truncated ? initialiser::truncated_normal : initialiser{static_cast<initialiser::kind>(k)};
    if (name.size() == text.size()) return made;
    auto const specs = parse_specs(text);
    for (auto const& [key, value] : specs.at(0).parameters) {
      require_value(is_truncated && key == "deviation", name,
                    "has no option '" + key + "'" + (is_truncated ? ", it has deviation" : ", it takes none"));
      made.deviation = parse_number(value, name + ": deviation");
      require_value(made.deviation > 0 && std::isfinite(made.deviation), name,
                    "deviation must be > 0 and finite, got " + value);
    }
    return made;
  }
  throw value_error("no initialiser is named '" + std::string(text) + "', there are " + known);
}

namespace detail {
/// Box and Muller: two uniform numbers give one normal number.
inline double normal_number(random_stream const& random, std::size_t i) {
  double const radius = std::sqrt(-2 * std::log(1 - random.uniform(2 * i)));
  return radius * std::cos(6.283185307179586 * random.uniform(2 * i + 1));
}
}  // namespace detail

/// Fills host memory with the first values of one parameter: a pure function of (seed, index of the parameter, element).
template <class T>
void initialise(initialiser const& how, std::size_t fan_in, std::size_t fan_out, std::uint64_t seed,
                std::uint64_t index, vector_view<T> values) {
  using enum initialiser::kind;
  random_stream const random(seed, random_purpose::initialise, index);
  auto const fill = [&](auto const& number) {
    for (std::size_t i = 0; i < values.size(); ++i) values(i) = static_cast<T>(number(i));
  };
  auto const uniform = [&](double bound) { fill([&](std::size_t i) { return bound * (2 * random.uniform(i) - 1); }); };
  auto const normal = [&](double deviation) {
    fill([&](std::size_t i) { return deviation * detail::normal_number(random, i); });
  };
  auto const truncated = [&](std::size_t i) {
    double x = detail::normal_number(random, i);
    for (std::uint64_t draw = 1; std::fabs(x) > 2; ++draw)
      x = detail::normal_number(random_stream(seed, random_purpose::initialise, index, draw), i);
    return how.deviation * x;
  };
  auto const in = static_cast<double>(fan_in), out = static_cast<double>(fan_out);
  switch (how.of) {
    case zeros:
      return fill([](std::size_t) { return 0.0; });
    case ones:
      return fill([](std::size_t) { return 1.0; });
    case glorot_uniform:
      return uniform(std::sqrt(6 / (in + out)));
    case glorot_normal:
      return normal(std::sqrt(2 / (in + out)));
    case he_uniform:
      return uniform(std::sqrt(6 / in));
    case fan_in_uniform:
      return uniform(1 / std::sqrt(in));
    case he_normal:
      return normal(std::sqrt(2 / in));
    case truncated_normal:
      return fill(truncated);
  }
}

}  // namespace softf1::inline SOFTF1_ABI::layers
