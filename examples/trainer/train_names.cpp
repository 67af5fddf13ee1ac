// What softf1 train is told by name.
#include <string_view>
#include <type_traits>

#include <softf1/optimizers/all.hpp>

#include "train.hpp"

namespace program {

namespace data = softf1::data;
namespace training = softf1::training;
using softf1::value_error;

std::array<double, 3> parse_shares(std::string const& text) {
  std::array<double, 3> shares{};
  std::string_view rest = text;
  for (std::size_t k = 0; k < 3; ++k) {
    auto const comma = rest.find(',');
    if ((comma == rest.npos) != (k == 2))
      throw value_error("expected three shares, train,validation,test, got '" + text + "'");
    shares[k] = softf1::parse_number(rest.substr(0, comma), "a share");
    if (k < 2) rest = rest.substr(comma + 1);
  }
  return shares;
}

any_optimizer optimizer_named(std::string const& text) {
  auto const specs = softf1::parse_specs(text);
  if (specs.size() != 1) throw value_error("expected one optimizer, got '" + text + "'");
  any_optimizer result;
  using named = softf1::optimizers::all::with<training::lbfgs_training>;
  softf1::with_named<named>(specs.front(), "optimizer", [&]<class Found>(Found const& found) {
    if constexpr (std::is_same_v<Found, training::lbfgs_training>)
      result = found;
    else
      result = softf1::update_rule(found);
  });
  return result;
}

void check_loss(std::string const& text) { check_loss(text, {}); }

void check_optimizer(std::string const& text) { optimizer_named(text); }

void check_split(std::string const& text) { data::shuffle_split(1, {.shares = parse_shares(text)}); }

void check_monitor(std::string const& text) { training::monitor_named(text); }

void check_initialiser(std::string const& text) { softf1::layers::initialiser_named(text); }

}  // namespace program
