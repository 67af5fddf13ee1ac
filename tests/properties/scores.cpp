#include <softf1/scores/all.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <type_traits>

#include <softf1/core/random.hpp>

#include "support/catch.hpp"

namespace score_properties {

using number = softf1::math::dual<double, 4>;

template <class Score>
double at(Score const& score, double const (&x)[4]) {
  return score(softf1::confusion<double>{x[0], x[1], x[2], x[3]});
}

template <class Score>
void check_derivative(Score const& score) {
  softf1::random_stream const random(3);
  for (std::uint64_t k = 0; k < 50; ++k) {
    double x[4];
    for (std::uint64_t i = 0; i < 4; ++i) x[i] = 0.2 + 5 * random.uniform(4 * k + i);
    auto const got = score(softf1::confusion<number>{number::variable(x[0], 0), number::variable(x[1], 1),
                                                     number::variable(x[2], 2), number::variable(x[3], 3)});
    CHECK(got.value == Approx(at(score, x)).epsilon(1e-14));
    for (std::size_t i = 0; i < 4; ++i) {
      double const step = 1e-5, here = x[i];
      x[i] = here + step;
      double const above = at(score, x);
      x[i] = here - step;
      double const below = at(score, x);
      x[i] = here;
      double const expected = (above - below) / (2 * step);
      CHECK(std::fabs(got.derivative[i] - expected) <= 1e-8 * (1 + std::fabs(expected)));
    }
  }
}

}  // namespace score_properties

TEST_CASE("the derivative of every score is that of finite differences", "[scores]") {
  softf1::scores::all::for_each([]<class Score>() {
    INFO(Score::name);
    score_properties::check_derivative(Score{});
    score_properties::check_derivative(softf1::both_classes<Score>{});
  });
}

TEST_CASE("every score is a score of counts, in its range, and does not change when all counts are doubled",
          "[scores]") {
  softf1::random_stream const random(4);
  softf1::scores::all::for_each([&]<class Score>() {
    static_assert(softf1::scores::score<Score>);
    static_assert(softf1::scores::score<softf1::both_classes<Score>>);
    INFO(Score::name);
    for (std::uint64_t k = 0; k < 200; ++k) {
      double x[4], twice[4];
      for (std::uint64_t i = 0; i < 4; ++i) {
        x[i] = static_cast<double>(random.below(4 * k + i, 5));
        twice[i] = 2 * x[i];
      }
      double const value = score_properties::at(Score{}, x), doubled = score_properties::at(Score{}, twice);
      CHECK((std::isnan(value) ? std::isnan(doubled)
                               : (value == doubled || std::fabs(value - doubled) <= 1e-15) &&
                                     value >= Score::range.lowest - 1e-15 && value <= Score::range.highest + 1e-15));
    }
    double const perfect[4] = {3, 0, 0, 5};
    auto const best = Score::range.perfect;
    CHECK((std::isnan(best) || score_properties::at(Score{}, perfect) == best));
    CHECK(Score::range.is_better_high() == (best > 0));
  });
}

TEST_CASE("scores have names of their own, by which they are chosen", "[scores]") {
  std::string names;
  softf1::scores::all::for_each([&]<class Score>() {
    CHECK(names.find(" " + std::string(Score::name) + " ") == std::string::npos);
    names += " " + std::string(Score::name) + " ";
    std::string chosen;
    softf1::with_named<softf1::scores::all>(softf1::parse_specs(Score::name)[0], "score",
                                            [&](auto const& score) { chosen = std::decay_t<decltype(score)>::name; });
    CHECK(chosen == Score::name);
  });
}
