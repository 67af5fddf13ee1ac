#include "labels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "dice.hpp"

namespace synthesize {

namespace {

struct genre {
  char const* name;
  double frequency;
  double loading[3];  // on the hidden factors; the sum of squares is below 1
};

// Sunlit and Nocturne exclude each other, mostly; Nocturne brings Starward; Chronicle and Framed go together.
constexpr genre genres[trait_count] = {
    {"Sunlit", .43, {.70, .00, .00}},     {"Nocturne", .28, {-.75, .20, .00}},   {"Orbital", .22, {.10, .55, .30}},
    {"Shardfall", .17, {.00, -.55, .40}}, {"Static", .13, {-.40, .00, -.30}},    {"Twofold", .105, {.00, .10, .60}},
    {"Banded", .085, {.30, -.40, .30}},   {"Chronicle", .065, {.00, .00, -.65}}, {"Drift", .05, {.30, .45, .00}},
    {"Starward", .035, {-.65, .50, .00}}, {"Silhouette", .02, {-.3, -.3, -.3}},  {"Framed", .012, {.00, .30, -.60}},
};

/// The x above which a standard normal number lies with probability p.
double upper_quantile(double p) {
  double low = -9, high = 9;
  for (int k = 0; k < 80; ++k) {
    double const middle = (low + high) / 2;
    (std::erfc(middle / std::numbers::sqrt2) / 2 > p ? low : high) = middle;
  }
  return low;
}

std::array<double, trait_count> make_thresholds() {
  std::array<double, trait_count> thresholds{};
  for (std::size_t k = 0; k < trait_count; ++k) thresholds[k] = upper_quantile(genres[k].frequency);
  return thresholds;
}

}  // namespace

std::vector<std::string> const& synthetic_labels() {
  static std::vector<std::string> const names = [] {
    std::vector<std::string> all;
    for (auto const& genre : genres) all.emplace_back(genre.name);
    return all;
  }();
  return names;
}

double label_frequency(trait which) { return genres[which].frequency; }

std::vector<std::uint8_t> draw_labels(std::uint64_t seed, std::uint64_t index, std::size_t labels) {
  static auto const thresholds = make_thresholds();
  dice draw(seed, index, 0);
  double const factors[3] = {draw.normal(), draw.normal(), draw.normal()};
  std::vector<std::uint8_t> result(labels);
  std::size_t nearest = 0;
  double best = -99;
  bool any = false;
  for (std::size_t k = 0; k < labels; ++k) {
    double score = 0, rest = 1;
    for (std::size_t f = 0; f < 3; ++f) {
      score += genres[k].loading[f] * factors[f];
      rest -= genres[k].loading[f] * genres[k].loading[f];
    }
    double const margin = score + std::sqrt(rest) * draw.normal() - thresholds[k];
    result[k] = margin > 0;
    any = any || margin > 0;
    if (margin > best) nearest = k;
    best = std::max(best, margin);
  }
  if (!any) result[nearest] = 1;
  return result;
}

}  // namespace synthesize
