#include <softf1/training/head.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

namespace training_head_tests {

using namespace softf1::training;
using context = softf1::context<softf1::cpu>;
using network = softf1::layers::network<float>;

std::vector<std::string> names_of(softf1::layers::table const& blocks) {
  std::vector<std::string> names;
  for (auto const& b : blocks) names.push_back(b.name);
  return names;
}

TEST_CASE("a head has a hidden layer and dropout where it is to") {
  using names = std::vector<std::string>;
  CHECK(names_of(head_table(3)) == names{"hidden", "relu", "dropout", "output"});
  CHECK(names_of(head_table(3, {.hidden = 8, .dropout = 0})) == names{"hidden", "relu", "output"});
  CHECK(names_of(head_table(3, {.hidden = 0})) == names{"dropout", "output"});
  CHECK(names_of(head_table(3, {.hidden = 0, .dropout = 0})) == names{"output"});
  context ctx;
  CHECK(network(ctx, {1, 1, 1280}, head_table(18)).parameters().size() == 1280 * 1024 + 1024 + 1024 * 18 + 18);
  CHECK(network(ctx, {1, 1, 10}, head_table(3, {.hidden = 0})).output_shape().size() == 3);
}

TEST_CASE("count_positives counts each label's rows") {
  std::vector<float> const targets{1, 0, 1, 1, 0, 0, 0, 0, 1};
  CHECK(count_positives(softf1::matrix_view<const float>(targets.data(), 3, 3)) == std::vector<std::size_t>{2, 0, 2});
  CHECK(count_positives(softf1::matrix_view<const float>(nullptr, 0, 2)) == std::vector<std::size_t>{0, 0});
}

TEST_CASE("prior_logits are the logits of shares, finite for labels that all rows have or none") {
  auto const logits = prior_logits({0, 2, 5, 8, 10}, 10);
  REQUIRE(logits.size() == 5);
  CHECK(logits[0] == Approx(std::log(1. / 11)));
  CHECK(logits[1] == Approx(std::log(3. / 9)));
  CHECK(logits[2] == 0);
  CHECK(logits[3] == Approx(-logits[1]));
  CHECK(logits[4] == Approx(-logits[0]));
}

TEST_CASE("balanced_pos_weight makes both classes of a label weigh the same") {
  CHECK(balanced_pos_weight({0, 2, 5, 8, 10}, 10) == std::vector<double>{1, 4, 1, 0.25, 0});
}

TEST_CASE("missing targets are no negatives: shares and weights are of the rows whose target is known") {
  // Of four rows, the second label is known in two, of which one has it; the third in none.
  std::vector<std::uint8_t> const targets{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, mask{1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0};
  auto const positives = count_positives(softf1::matrix_view<const std::uint8_t>(targets.data(), 4, 3));
  auto const known = count_present({mask.data(), 4, 3}, 4, 3);
  CHECK(known == std::vector<std::size_t>{4, 2, 0});
  CHECK(count_present({}, 4, 3) == std::vector<std::size_t>{4, 4, 4});
  CHECK(balanced_pos_weight(positives, known) == std::vector<double>{3, 1, 1});
  auto const logits = prior_logits(positives, known);
  CHECK(logits[0] == Approx(std::log(2. / 4)));
  CHECK(logits[1] == 0);
  CHECK(logits[2] == 0);
}

TEST_CASE("set_output_bias sets the bias of the last layer, and nothing else") {
  context ctx;
  for (std::size_t hidden : {0u, 4u}) {
    network net(ctx, {1, 1, 5}, head_table(2, {.hidden = hidden}));
    std::vector<float> before(net.parameters().data(), net.parameters().data() + net.parameters().size());
    set_output_bias(ctx, net, {1.5, -2});
    std::vector<float> const after(net.parameters().data(), net.parameters().data() + net.parameters().size());
    auto const& bias = net.named().back();
    CHECK(bias.name == "output.bias");
    CHECK(bias.values(0) == 1.5f);
    CHECK(bias.values(1) == -2.f);
    std::size_t changed = 0;
    for (std::size_t k = 0; k < after.size(); ++k) changed += after[k] != before[k];
    CHECK(changed == 2);
    CHECK(softf1_test::error_text<softf1::shape_error>([&] { set_output_bias(ctx, net, {1}); }) ==
          "set_output_bias: bias must have shape (2,), got (1,)");
  }
}

}  // namespace training_head_tests
