// Rows, or groups of rows, drawn again and again: the engine of resampling.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <softf1/backend/primitives.hpp>
#include <softf1/core/random.hpp>
#include <softf1/metrics/row_statistic.hpp>

namespace softf1::inline SOFTF1_ABI::metrics {

/// What is drawn, and how often. Name them in this order.
struct sampling_options {
  std::size_t resamples = 2000;
  std::uint64_t seed = 0;
  std::vector<std::uint64_t> groups = {};  ///< (N,) the group of each row: groups are drawn whole. Not given: rows
  std::vector<std::uint64_t> strata = {};  ///< (N,) the stratum of each row: as many are drawn of each as there are
};

/// The units that are drawn (rows or groups), those of a stratum one after the other.
struct sampling_units {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::vector<std::size_t> unit_of;        ///< (N,) none for rows that are not part of the sample
  std::vector<std::size_t> stratum_begin;  ///< (strata + 1,) in units

  std::size_t size() const { return stratum_begin.back(); }
};

/// Units of the rows that count. Throws shape_error unless groups and strata have a number a row; value_error for a
/// group in two strata, or 2^32 units. Cost: O(N log N).
inline sampling_units make_sampling_units(std::vector<std::uint8_t> const& counted, sampling_options const& options) {
  std::string const who = "bootstrap";
  std::size_t const rows = counted.size();
  auto const check = [&](std::vector<std::uint64_t> const& ids, std::string_view what) {
    if (!ids.empty()) require_shape(who, what, {rows}, std::vector<std::size_t>{ids.size()});
  };
  check(options.groups, "groups");
  check(options.strata, "strata");
  // In the order of first appearance within a stratum.
  std::map<std::uint64_t, std::vector<std::size_t>> strata;
  std::map<std::uint64_t, std::pair<std::uint64_t, std::size_t>> groups;
  sampling_units units{std::vector<std::size_t>(rows, sampling_units::none), {0}};
  std::vector<std::size_t> leader(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    if (!counted[i]) continue;
    std::uint64_t const stratum = options.strata.empty() ? 0 : options.strata[i];
    leader[i] = i;
    if (!options.groups.empty()) {
      auto const [at, is_new] = groups.try_emplace(options.groups[i], stratum, i);
      require_value(at->second.first == stratum, who,
                    "a group must lie in one stratum, group " + std::to_string(options.groups[i]) + " lies in " +
                        std::to_string(at->second.first) + " and " + std::to_string(stratum));
      leader[i] = at->second.second;
    }
    if (leader[i] == i) strata[stratum].push_back(i);
  }
  std::size_t next = 0;
  for (auto const& [id, leaders] : strata) {
    for (std::size_t i : leaders) units.unit_of[i] = next++;
    units.stratum_begin.push_back(next);
  }
  for (std::size_t i = 0; i < rows; ++i)
    if (counted[i]) units.unit_of[i] = units.unit_of[leader[i]];
  require_value(next < (std::size_t{1} << 32), who, "there must be less than 2^32 rows or groups");
  return units;
}

namespace detail {

// Stream coordinates of what is drawn.
inline constexpr std::uint64_t draw_units = 0, draw_swaps = 1;

/// How often each unit was drawn, into every `resample_lanes`-th number of `times`.
inline void draw_resample(sampling_units const& units, std::uint64_t seed, std::size_t resample, double* times) {
  random_stream const random(seed, random_purpose::bootstrap, resample, draw_units);
  philox_block block{};
  std::size_t drawn = 0;
  for (std::size_t s = 0; s + 1 < units.stratum_begin.size(); ++s) {
    std::size_t const begin = units.stratum_begin[s], count = units.stratum_begin[s + 1] - begin;
    for (std::size_t k = 0; k < count; ++k, ++drawn) {
      if (drawn % 4 == 0) block = random.block(drawn / 4);
      std::size_t const pick = static_cast<std::size_t>((std::uint64_t{block.word[drawn % 4]} * count) >> 32);
      times[(begin + pick) * resample_lanes] += 1;
    }
  }
}

/// multiplicity (N, lanes) from times (units, lanes).
inline void spread_to_rows(sampling_units const& units, double const* times, double* multiplicity) {
  for (std::size_t i = 0; i < units.unit_of.size(); ++i) {
    std::size_t const unit = units.unit_of[i];
    for (std::size_t l = 0; l < resample_lanes; ++l)
      multiplicity[i * resample_lanes + l] = unit == sampling_units::none ? 0.0 : times[unit * resample_lanes + l];
  }
}

/// Blocks of resamples, every `workers`-th for each worker, which has scratch of its own.
struct evaluate_resamples {
  row_statistic_source const* source;
  sampling_units const* units;
  std::uint64_t seed;
  std::size_t resamples, workers, scratch_each;
  double* scratch;
  double* out;  // (resamples, values)

  static std::size_t scratch_size(row_statistic_source const& source, sampling_units const& units) {
    return (units.size() + source.rows() + source.values()) * resample_lanes + source.scratch();
  }

  void operator()(std::size_t worker) const {
    std::size_t const values = source->values();
    double* const times = scratch + worker * scratch_each;
    double* const multiplicity = times + units->size() * resample_lanes;
    double* const lanes = multiplicity + source->rows() * resample_lanes;
    double* const rest = lanes + values * resample_lanes;
    for (std::size_t first = worker * resample_lanes; first < resamples; first += workers * resample_lanes) {
      std::fill_n(times, units->size() * resample_lanes, 0.0);
      for (std::size_t l = 0; l < resample_lanes; ++l) draw_resample(*units, seed, first + l, times + l);
      spread_to_rows(*units, times, multiplicity);
      source->evaluate(multiplicity, lanes, rest);
      for (std::size_t l = 0; l < resample_lanes && first + l < resamples; ++l)
        for (std::size_t k = 0; k < values; ++k) out[(first + l) * values + k] = lanes[k * resample_lanes + l];
    }
  }
};

// Work below this many drawn rows is not worth waking threads for.
inline std::size_t workers_for(context<cpu> const& ctx, std::size_t resamples, std::size_t rows) {
  return resamples * rows < (std::size_t{1} << 18) ? 1 : static_cast<std::size_t>(ctx.threads());
}

// Calls work(worker) for each worker, on the threads of the context.
template <class Work>
void run_workers(context<cpu>& ctx, std::size_t workers, Work const& work) {
  for_each_row(ctx, workers, std::size_t{1} << 20, work);
}

}  // namespace detail

/// The numbers of `options.resamples` samples drawn with replacement from the rows (or groups), all labels of a row
/// together: (R, K), row-major. As many units are drawn as there are (in each stratum); with groups the number of rows
/// varies. Row weights multiply: they say how much a row counts, not how many rows were drawn. Rows of weight 0, and
/// rows that are masked in full, are never drawn. Bias of a draw below units / 2^32.
/// Throws as make_sampling_units. Cost: R times (one random number a unit, one evaluation); 8 (rows + units) doubles of
/// scratch a thread; the same bits for any number of threads. Source: Efron, Annals of Statistics, 1979.
inline std::vector<double> bootstrap(context<cpu>& ctx, row_statistic const& statistic,
                                     sampling_options const& options = {}) {
  auto const& source = statistic.source();
  auto const units = make_sampling_units(source.counted(), options);
  std::size_t const workers = detail::workers_for(ctx, options.resamples, source.rows());
  std::size_t const each = detail::evaluate_resamples::scratch_size(source, units);
  std::vector<double> scratch(workers * each), out(options.resamples * source.values());
  detail::run_workers(ctx, workers,
                      detail::evaluate_resamples{&source, &units, options.seed, options.resamples, workers, each,
                                                 scratch.data(), out.data()});
  return out;
}

}  // namespace softf1::inline SOFTF1_ABI::metrics
