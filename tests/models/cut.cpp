#include <softf1/models/cut.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"

namespace cut_tests {

using namespace small_models;
using softf1_test::error_text;

TEST_CASE("an extractor up to a cut and the tail behind it are the whole extractor") {
  context ctx({.threads = 1});
  struct row {
    std::string architecture, block, end_point;
  };
  for (row const& r :
       {row{"mobilenet_v2", "features.17.conv.0.0", "features.16.conv.3"},
        row{"resnet_v2_50", "block4", "block3.unit_6.conv3"},
        row{"resnet_v2_50", "block4.unit_3", "block4.unit_2.conv3"}, row{"resnet_50", "layer4.1", "layer4.0.relu"},
        row{"mobilenet_v3_small", "features.11", "features.10.block.3.1"},
        row{"efficientnet_b0", "features.7", "features.6.3.block.3.1"}}) {
    INFO(r.architecture << " cut at " << r.block);
    auto id = small_identity(3);
    id.architecture = r.architecture;
    id.padding = softf1::layers::padding::symmetric;
    auto const whole = extractor::restore(ctx, id, {});
    auto const parts = cut_at(whole.architecture(), r.block);
    CHECK(parts.end_point == r.end_point);
    id.end_point = parts.end_point;
    auto const frozen = extractor::restore(ctx, id, {});
    auto blocks = parts.tail;
    blocks.emplace_back(softf1::layers::dense{.out = 2}, "head");
    network tail(ctx, frozen.output_shape(), blocks, 5);
    auto const head = tail.named().back().values;
    frozen.load_into(ctx, tail);
    CHECK(std::all_of(head.data(), head.data() + 2, [](float x) { return x == 0; }));

    std::vector<float> pixels(2 * 32 * 32 * 3), features(2 * whole.dimension()), maps(2 * frozen.dimension());
    for (std::size_t k = 0; k < pixels.size(); ++k) pixels[k] = static_cast<float>(k * 37 % 101) / 50 - 1;
    whole.run(ctx, {pixels.data(), {2, 32, 32, 3}}, {features.data(), 2, whole.dimension()});
    frozen.run(ctx, {pixels.data(), {2, 32, 32, 3}}, {maps.data(), 2, frozen.dimension()});
    auto const in = frozen.output_shape();
    softf1::layers::forward_plan<float> const behind(ctx, tail, whole.architecture().features);
    std::vector<float> got(features.size());
    behind.run(ctx, {maps.data(), {2, in.height, in.width, in.channels}}, {got.data(), 2, whole.dimension()});
    float most = 0, largest = 0;
    for (std::size_t k = 0; k < got.size(); ++k) {
      REQUIRE(std::isfinite(got[k]));
      most = std::max(most, std::abs(got[k] - features[k]));
      largest = std::max(largest, std::abs(got[k]));
    }
    CHECK(largest > 0.1f);
    CHECK(most <= 1e-5f * largest);
  }
}

TEST_CASE("networks are cut only where nothing else is read across") {
  auto const of = mobilenet_v2({.width = 0.05});
  auto const cuts = cuts_of(of);
  CHECK(cuts.front() == "features.0.1");
  CHECK(cuts.back() == "pool");
  CHECK(cut_at(of, "pool").tail.size() == 2);
  for (auto const& name : cuts) CHECK_NOTHROW(softf1::layers::resolve(cut_at(of, name).tail));
  CHECK(
      error_text<softf1::value_error>([&] { cut_at(of, "features.3.conv.1.0"); }) ==
      "cut_at: mobilenet_v2 cannot be cut at 'features.3.conv.1.0', whose other side is read around it; it can be cut "
      "at 'features.3.conv.0.0' before it, 'features.4.conv.0.0' behind it");
  CHECK(error_text<softf1::value_error>([&] { cut_at(of, "features.0.0"); }).find("can be cut at 'features.0.1'") !=
        std::string::npos);
  CHECK(error_text<softf1::value_error>([&] { cut_at(of, "top"); }) == "cut_at: mobilenet_v2 has no block 'top'");
}

}  // namespace cut_tests
