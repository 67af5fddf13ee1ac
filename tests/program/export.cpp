#include <string>

#include "program/trained.hpp"

namespace program_export_test {
using namespace softf1_program_test;
}  // namespace program_export_test

TEST_CASE("softf1 export writes the whole network, or the head alone, with labels") {
  using namespace program_export_test;
  SOFTF1_NEEDS_PROGRAM;
  auto const& t = shared_model();
  REQUIRE(t.first.status == 0);
  auto const with = [&](arguments const& more) {
    return t.w.run(arguments{"export", "--model", "runs/a/model.safetensors"} + more);
  };
  auto const whole = with({"--out", "whole.onnx", "--json", "whole.json"});
  INFO(whole.err);
  REQUIRE(whole.status == 0);
  CHECK(has(whole.out, "the whole network, from pixels (mobilenet_v2 0.05, 64 x 64 pixels"));
  CHECK(has(whole.out, "6 labels, ONNX operators 17"));
  auto const bytes = t.w.get("whole.onnx");
  for (std::string const part : {"pixels", "probabilities", "Conv", "Gemm", "\"format\":\"softf1.onnx\""})
    CHECK(has(bytes, part));
  auto const about = t.w.get_json("whole.json");
  CHECK(about["input"] == "pixels");
  CHECK(about["labels"].size() == 6);

  auto const head = with({"--out", "head.onnx", "--head-only", "--opset", "13", "--quiet"});
  REQUIRE(head.status == 0);
  CHECK(head.out.empty());
  CHECK_FALSE(has(t.w.get("head.onnx"), "Conv"));
  CHECK(t.w.get("head.onnx").size() < bytes.size());

  auto const over = with({"--out", "runs/a/model.safetensors"});
  CHECK(over.status == 1);
  CHECK(has(over.err, "--out would replace the input of --model"));
  CHECK(with({"--out", "x.onnx", "--opset", "12"}).status == 2);
  CHECK_FALSE(t.w.holds("x.onnx"));
}
