// What TensorFlow said of losses (tests/conformance/expectations.json), replayed without Python.
#include <softf1/losses/all.hpp>

#include <cmath>
#include <cstddef>
#include <fstream>
#include <vector>

#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

namespace conformance_test {

using namespace softf1;
using nlohmann::json;

json expectations() {
  std::ifstream file(softf1_test::source_dir() / "tests" / "conformance" / "expectations.json");
  return json::parse(file);
}

struct matrix {
  std::size_t rows, cols;
  std::vector<double> values;
  explicit matrix(json const& j) : rows(j.size()), cols(j.at(0).size()) {
    for (auto const& row : j)
      for (auto const& x : row) values.push_back(x.get<double>());
  }
  matrix_view<const double> view() const { return {values.data(), rows, cols}; }
};

template <class Loss>
void check_loss(Loss const& loss, matrix const& logits, matrix const& targets, json const& expected) {
  auto const got = value_and_gradient(loss, logits.view(), targets.view());
  matrix const gradient(expected.at("gradient"));
  CHECK(std::abs(got.value - expected.at("value").get<double>()) <= 1e-10);
  for (std::size_t k = 0; k < gradient.values.size(); ++k) {
    INFO(Loss::name << " at cell " << k);
    CHECK(std::abs(got.gradient[k] - gradient.values[k]) <= 1e-10);
  }
}

TEST_CASE("losses and gradients agree with TensorFlow", "[properties][conformance]") {
  json const all = expectations();
  for (auto const& one : all.at("losses")) {
    INFO(one.dump());
    matrix const z(one.at("logits")), y(one.at("targets")), one_hot(one.at("one_hot"));
    auto const& expected = one.at("expected");
    check_loss(binary_cross_entropy{}, z, y, expected.at("bce"));
    check_loss(binary_cross_entropy{.pos_weight = one.at("pos_weight").get<std::vector<double>>()}, z, y,
               expected.at("bce_pos_weight"));
    check_loss(soft_f1{}, z, y, expected.at("soft_f1"));
    check_loss(double_soft_f1{}, z, y, expected.at("double_soft_f1"));
    check_loss(softmax_cross_entropy{}, z, one_hot, expected.at("softmax_cross_entropy"));
  }
}

}  // namespace conformance_test
