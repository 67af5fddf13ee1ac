#include <softf1/training/heads.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace heads_tests {

using namespace training_tests;
using softf1::layers::sample_shape;
using softf1_test::error_text;

network head_on(std::string const& text, sample_shape in, std::size_t labels = 3) {
  context ctx;
  return network(ctx, in, head_named(text, in, labels, {.hidden = 5, .dropout = 0.1}), 1);
}

}  // namespace heads_tests

TEST_CASE("every head gives a number a label, on vectors or maps", "[training]") {
  using namespace heads_tests;
  heads::for_each([]<class Head>() {
    INFO(Head::name);
    CHECK(head_on(std::string(Head::name), {16, 16, 4}).output_shape() == sample_shape{1, 1, 3});
  });
  CHECK(head_on("dense", {1, 1, 7}).output_shape().channels == 3);
  CHECK(head_on("convnet:width=2,depth=3", {8, 8, 3}).output_shape().channels == 3);
  // 1 × 1, 1 × 1 and 7 × 7, each with a bias: 18 labels on ResNet's map.
  CHECK(head_on("convolutions", {7, 7, 2048}, 18).parameters().size() ==
        2048 * 18 + 18 + 18 * 18 + 18 + 7 * 7 * 18 * 18 + 18);
}

TEST_CASE("an adapter begins as no change", "[training]") {
  using namespace heads_tests;
  context ctx;
  auto adapted = head_on("adapter:width=2", {2, 2, 3}), plain = head_on("pool", {2, 2, 3});
  for (auto const& from : plain.named())
    for (auto const& to : adapted.named())
      if (from.name == to.name) copy(ctx, softf1::vector_view<const float>(from.values), to.values);
  std::vector<float> x(2 * 12);
  for (std::size_t k = 0; k < x.size(); ++k) x[k] = static_cast<float>(k % 7) - 3;
  softf1::layers::feature_maps<const float> const maps(x.data(), {2, 2, 2, 3});
  auto const a = softf1::layers::elements_of(adapted.forward(ctx, {}, maps));
  auto const b = softf1::layers::elements_of(plain.forward(ctx, {}, maps));
  for (std::size_t k = 0; k < a.size(); ++k) CHECK(a(k) == b(k));
}

TEST_CASE("heads that do not fit are refused in a sentence", "[training]") {
  using namespace heads_tests;
  auto const text = [](std::string const& head, sample_shape in) {
    return error_text<softf1::value_error>([&] { head_on(head, in); });
  };
  CHECK(text("dense+pool", {1, 1, 4}) == "head: expected one, got 'dense+pool'");
  CHECK(text("tall", {1, 1, 4}) == "no head is named 'tall', there are dense, pool, adapter, convolutions, convnet");
  CHECK(text("convolutions", {2, 3, 4}) == "convolutions: the input must be square maps, got (2, 3, 4)");
  CHECK(text("convnet:depth=3", {4, 4, 3}) == "convnet: a depth of 3 needs images of 8 pixels at least, got (4, 4, 3)");
  CHECK(text("convnet:width=1.5", {4, 4, 3}) == "convnet: width must be a whole number from 1 to 4096, got 1.5");
}
