#include <softf1/models/head_json.hpp>

#include <set>
#include <string>
#include <utility>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/layer_cases.hpp"

TEST_CASE("heads read back as they were written, every layer with every option", "[models][head_json]") {
  using namespace softf1::layers;
  table blocks;
  std::set<std::string> kinds;
  for (auto const& c : softf1_test::layer_cases()) {
    std::visit([&](auto const& l) { blocks.emplace_back(l, c.name); }, c.layer);
    kinds.insert(std::string(name_of(c.layer)));
  }
  REQUIRE(kinds.size() == all::size);
  blocks.emplace_back(dense({.out = 3, .weights = truncated_normal_of(0.02)}), "last",
                      block_links{.input = "dense", .add = "relu"});
  auto const form = softf1::models::head_json(blocks);
  auto const read = softf1::models::head_from_json(softf1::io::parse_json(form.dump()), "f");
  REQUIRE(read.size() == blocks.size());
  CHECK(softf1::models::head_json(read) == form);
  for (std::size_t k = 0; k < read.size(); ++k) CHECK(read[k].layer.index() == blocks[k].layer.index());
  CHECK(std::get<dense>(read.back().layer).weights == truncated_normal_of(0.02));
  CHECK(read.back().links.input == "dense");
  CHECK(read.back().links.add == "relu");
  CHECK(form.back() == softf1::io::json_value{{"layer", "dense"},
                                              {"name", "last"},
                                              {"input", "dense"},
                                              {"add", "relu"},
                                              {"out", 3},
                                              {"bias", true},
                                              {"weights", "truncated_normal:deviation=0.02"}});
}

TEST_CASE("heads of the first models are read", "[models][head_json]") {
  using namespace softf1::layers;
  auto const read = softf1::models::head_from_json(
      softf1::io::parse_json(R"([{"layer":"dense","name":"a","out":7,"bias":false}, {"layer":"relu","name":"b"},
                                 {"layer":"dropout","name":"c","rate":0.25}])"),
      "f");
  REQUIRE(read.size() == 3);
  CHECK(std::get<dense>(read[0].layer).out == 7);
  CHECK_FALSE(std::get<dense>(read[0].layer).bias);
  CHECK(std::get<dropout>(read[2].layer).rate == 0.25);
}

TEST_CASE("heads with bad values are refused in one sentence", "[models][head_json][errors]") {
  std::string const begin = "f: the head's description is not one (";
  std::pair<char const*, char const*> const rows[] = {
      {R"([{"layer":"lstm","name":"a"}])", "no layer of a head is named 'lstm')"},
      {R"([{"name":"a"}])", ""},
      {R"([{"layer":"relu"}])", ""},
      {R"([{"layer":"relu","name":3}])", ""},
      {R"([3])", ""},
      {R"([{"layer":"relu","name":"a","input":1}])", ""},
      {R"([{"layer":"relu","name":"a","out":1}])", "relu: it has options that are not its own)"},
      {R"([{"layer":"dense","name":"a","bias":true}])", "dense: out is missing)"},
      {R"([{"layer":"dense","name":"a","bias":true,"out":-1}])",
       "dense: out must be a whole number from 0 to 1048576, got -1)"},
      {R"([{"layer":"dense","name":"a","bias":true,"out":1.5}])",
       "dense: out must be a whole number from 0 to 1048576, got 1.5)"},
      {R"([{"layer":"dense","name":"a","bias":1,"out":1}])", "dense: bias must be true or false, got 1)"},
      {R"([{"layer":"dense","name":"a","bias":true,"out":1,"weights":"x"}])", "no initialiser is named 'x', "},
      {R"([{"layer":"dropout","name":"a","rate":"x"}])", "dropout: rate must be a number, got \"x\")"},
      {R"([{"layer":"max_pool","name":"a","size":2000,"stride":1,"padding":"valid","zeros":null}])",
       "max_pool: size must be a whole number from 0 to 1024, got 2000)"},
      {R"([{"layer":"max_pool","name":"a","size":2,"stride":1,"padding":"same","zeros":null}])",
       "no padding is named 'same', "},
      {R"([{"layer":"max_pool","name":"a","size":2,"stride":1,"padding":"valid","zeros":[1,1]}])",
       "max_pool: zeros must be null or four numbers: top, bottom, left, right, got [1,1])"},
      {R"([{"layer":"squeeze_excite","name":"a","reduced":2,"inner":4,"gate":"sigmoid"}])",
       "squeeze_excite: inner must be a text, got 4)"},
      {R"([{"layer":"batch_norm","name":"a","epsilon":1e-5,"momentum":0.1,"policy":"x"}])",
       "no policy of batch-norm is named 'x', there are batch, frozen)"},
  };
  for (auto const& [form, end] : rows) {
    INFO(form);
    auto const text = softf1_test::error_text<softf1::io_error>(
        [&text_of = form] { softf1::models::head_from_json(softf1::io::parse_json(text_of), "f"); });
    CHECK(text.starts_with(begin + end));
  }
}
