#include <softf1/models/model.hpp>

#include <limits>
#include <string>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace model_tests {

using namespace small_models;
using softf1::layers::dense;
using softf1::layers::dropout;
using softf1::layers::relu;
using softf1_test::error_text;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// 4 features → 3 → 2 labels.
model small_model() {
  model m;
  m.labels = {"a|b, \"c\"", "ü"};
  m.rule = softf1::threshold_set{.thresholds = {0.25, -infinity},
                                 .label_names = m.labels,
                                 .reasons = {"best", "no positives"},
                                 .origin = {{"strategy", "best"}}};
  m.extractor = small_identity(9);
  m.input = {1, 1, 4};
  m.head = {{dense{.out = 3}, "hidden"}, {relu{}, "relu"}, {dropout{0.25}, "dropout"}, {dense{.out = 2}, "output"}};
  context ctx;
  m.arrays = arrays_of(network(ctx, {1, 1, 4}, m.head, 5));
  m.settings = {{"loss", "bce"}, {"seed", 18446744073709551615u}, {"nested", {1, 2.5, "x"}}};
  m.train_rows = hashes_of({"r1", "r2", "r3"});
  m.validation_rows = hashes_of({"r4"});
  return m;
}

struct file_of_model {
  softf1_test::temp_directory folder;
  std::string path = (folder / "model.safetensors").string();
};

std::vector<float> logits_of(model const& m) {
  context ctx;
  auto net = head_network(ctx, m);
  std::vector<float> const x{1, -2, 3, .5f};
  auto const y = softf1::layers::elements_of(net.forward(ctx, {}, {x.data(), {1, 1, 1, 4}}));
  return {y.data(), y.data() + y.size()};
}

void check_same(model const& a, model const& b) {
  CHECK(a.task == b.task);
  CHECK(a.labels == b.labels);
  CHECK(softf1::io::decision_rule_json(a.rule) == softf1::io::decision_rule_json(b.rule));
  CHECK(a.extractor == b.extractor);
  CHECK(a.input == b.input);
  CHECK(a.source == b.source);
  CHECK(head_json(a.head) == head_json(b.head));
  CHECK(a.arrays == b.arrays);
  CHECK(a.settings == b.settings);
  CHECK(a.train_rows == b.train_rows);
  CHECK(a.validation_rows == b.validation_rows);
  CHECK(a.bundled == b.bundled);
  CHECK(a.version == b.version);
}

TEST_CASE("a model reads back as it was written, whatever its rule") {
  file_of_model const f;
  auto m = small_model();
  std::vector<softf1::decision_rule> const rules{m.rule, softf1::probability_threshold{0.3}, softf1::argmax{},
                                                 softf1::threshold_set{{0, 1}}};
  for (auto const& rule : rules) {
    m.rule = rule;
    write_model(f.path, m);
    auto const read = read_model(f.path);
    check_same(read, m);
    CHECK(read.rule.index() == m.rule.index());
    CHECK(logits_of(read) == logits_of(m));
    CHECK(read.version == SOFTF1_VERSION);
  }
  m.task = task::multiclass;
  m.train_rows.clear();
  m.settings = softf1::io::json_value::object();
  m.head = {{dropout{0.5}, "dropout"}, {dense{.out = 2, .bias = false}, "output"}};
  context ctx;
  m.arrays = arrays_of(network(ctx, {1, 1, 4}, m.head, 5));
  write_model(f.path, m);
  check_same(read_model(f.path), m);
  CHECK(names_in(f.folder.path()) == std::vector<std::string>{"model.safetensors"});
}

TEST_CASE("the same model gives the same bytes") {
  file_of_model const f;
  write_model(f.path, small_model());
  auto const first = bytes_of(f.path);
  write_model(f.path, read_model(f.path));
  CHECK(bytes_of(f.path) == first);
}

TEST_CASE("rows of a model are hashes of ids, sorted") {
  auto const hashes = hashes_of({"b", "a", "c"});
  CHECK(std::is_sorted(hashes.begin(), hashes.end()));
  CHECK(hashes.size() == 3);
  CHECK(std::binary_search(hashes.begin(), hashes.end(), softf1::fnv1a("a")));
  CHECK_FALSE(std::binary_search(hashes.begin(), hashes.end(), softf1::fnv1a("d")));
}

TEST_CASE("a bundle holds the extractor's weights") {
  file_of_model const f;
  context ctx({.threads = 1});
  auto const weights = (f.folder / "w.safetensors").string();
  softf1::write_safetensors(weights, torch_weights(0.1, 4), {{"image_size", "32"}});
  auto const e = extractor::from_file(ctx, weights);
  auto m = small_model();
  m.extractor = e.identity();
  write_model(f.path, m, &e);
  auto const read = read_model(f.path);
  CHECK(read.bundled);
  CHECK(read.arrays == m.arrays);
  auto const restored = extractor_of(ctx, read, f.path);
  CHECK(restored.identity() == e.identity());
  std::vector<float> const pixels(32 * 32 * 3, 0.5f);
  std::vector<float> one(1280), other(1280);
  e.run(ctx, {pixels.data(), {1, 32, 32, 3}}, {one.data(), 1, 1280});
  restored.run(ctx, {pixels.data(), {1, 32, 32, 3}}, {other.data(), 1, 1280});
  CHECK(one == other);

  write_model(f.path, m);
  CHECK(error_text<softf1::value_error>([&] { extractor_of(ctx, read_model(f.path), f.path); }) ==
        f.path + ": the model needs the weights of its extractor (" + e.identity().weights +
            "), which it does not hold");
  CHECK(extractor_of(ctx, read_model(f.path), f.path, weights).identity() == e.identity());
  auto const others = (f.folder / "o.safetensors").string();
  softf1::write_safetensors(others, torch_weights(0.1, 5), {{"image_size", "32"}});
  CHECK(error_text<softf1::io_error>([&] {
          extractor_of(ctx, read_model(f.path), f.path, others);
        }).starts_with(others + ": expected the weights " + e.identity().weights));
}

TEST_CASE("replace_rule changes the rule, and all arrays and words stay as they are") {
  file_of_model const f;
  context ctx({.threads = 1});
  auto const weights = (f.folder / "w.safetensors").string();
  softf1::write_safetensors(weights, torch_weights(0.05, 4), {{"image_size", "32"}});
  auto const e = extractor::from_file(ctx, weights);
  for (bool bundle : {false, true}) {
    auto m = small_model();
    m.extractor = e.identity();
    m.version = "0.0.7";
    write_model(f.path, m, bundle ? &e : nullptr);
    auto const before = bytes_of(f.path);
    softf1::threshold_set const rule{.thresholds = {1.5, 2}, .label_names = m.labels, .origin = {{"strategy", "mine"}}};
    replace_rule(f.path, rule);
    auto const after = bytes_of(f.path);
    auto const data_of = [](std::string const& file) {
      std::uint64_t header = 0;
      std::copy_n(file.data(), 8, reinterpret_cast<char*>(&header));
      return file.substr(8 + header);
    };
    CHECK(data_of(after) == data_of(before));
    CHECK(after != before);
    m.bundled = bundle;
    m.rule = rule;
    check_same(read_model(f.path), m);
    replace_rule(f.path, small_model().rule);
    CHECK(bytes_of(f.path) == before);

    CHECK(error_text<softf1::io_error>([&] { replace_rule(f.path, softf1::threshold_set{{1, 2, 3}}); }) ==
          f.path + ": the model has 2 labels, its decision rule has 3");
    CHECK_THROWS_AS(replace_rule(f.path, softf1::threshold_set{{1, 2}, softf1::probability}), softf1::io_error);
    CHECK(bytes_of(f.path) == before);
  }
  CHECK(names_in(f.folder.path()) == std::vector<std::string>{"model.safetensors", "w.safetensors"});
  CHECK_THROWS_AS(replace_rule((f.folder / "absent").string(), softf1::argmax{}), softf1::io_error);
  CHECK(names_in(f.folder.path()).size() == 2);
}

TEST_CASE("a model keeps the calibration that its rule is for, and both are replaced together") {
  file_of_model const f;
  auto m = small_model();
  write_model(f.path, m);
  auto const before = bytes_of(f.path);
  softf1::calibration_map const calibration{.maps = {{.a = 2, .b = 1, .c = 0.5, .reason = "beta"}, {}},
                                            .method = "beta"};
  softf1::threshold_set const rule{.thresholds = {0.5, 0.25}, .domain = softf1::score_domain::calibrated};
  replace_rule(f.path, rule, calibration);
  auto const read = read_model(f.path);
  m.rule = rule;
  check_same(read, m);
  REQUIRE(read.calibration);
  CHECK(softf1::io::calibration_json(*read.calibration) == softf1::io::calibration_json(calibration));
  CHECK_THROWS_AS(replace_rule(f.path, rule), softf1::io_error);
  replace_rule(f.path, small_model().rule);
  CHECK(bytes_of(f.path) == before);

  auto const refused = [&](softf1::decision_rule const& r, softf1::calibration_map const& c,
                           softf1::models::task task = softf1::models::task::multilabel) {
    auto wrong = small_model();
    wrong.task = task;
    wrong.rule = r;
    wrong.calibration = c;
    return error_text<softf1::io_error>([&] { write_model(f.path, wrong); });
  };
  CHECK(refused(rule, calibration, softf1::models::task::multiclass) ==
        f.path + ": only multilabel models have a calibration");
  CHECK(refused(rule, {.maps = {{}}}) == f.path + ": the model has 2 labels, its calibration has 1");
  CHECK(refused(rule, {.maps = {{}, {}}, .domain = softf1::probability}) ==
        f.path + ": the calibration of a model must be for logits, got probability");
  CHECK(refused(softf1::threshold_set{{1, 2}}, calibration) ==
        f.path + ": model: a decision rule beside a calibration must be for calibrated scores, got logit");
  CHECK(refused(softf1::largest_gap{softf1::logit}, calibration) ==
        f.path + ": model: a decision rule beside a calibration must be for calibrated scores, got logit");
  CHECK(refused(rule, {.maps = {{.a = -1}, {}}}) ==
        f.path + ": model: the map of label 0 must have finite a >= 0, b >= 0 and c, got -1, 1, 0");
  CHECK(refused(softf1::top_k{1}, calibration) == "nothing was thrown");
}

TEST_CASE("a model that does not fit together is not written") {
  file_of_model const f;
  auto const text = [&](auto const& spoil) {
    auto m = small_model();
    spoil(m);
    auto const sentence = error_text<softf1::error>([&] { write_model(f.path, m); });
    CHECK(names_in(f.folder.path()).empty());
    return sentence;
  };
  CHECK(text([](model& m) { m.labels.clear(); }) == f.path + ": the model has no labels");
  CHECK(text([](model& m) { m.labels.push_back("x"), m.rule = softf1::argmax{}; }) ==
        f.path + ": the model has 3 labels, its head gives 2");
  CHECK(text([](model& m) { m.rule = softf1::threshold_set{{1}}; }) ==
        f.path + ": the model has 2 labels, its decision rule has 1");
  CHECK(text([](model& m) { m.rule = softf1::threshold_set{{.1, .2}, softf1::probability}; }) ==
        f.path + ": the decision rule of a model must be for logits, got probability");
  CHECK(text([](model& m) { m.rule = softf1::largest_gap{softf1::probability}; }) ==
        f.path + ": the decision rule of a model must be for logits, got probability");
  CHECK(text([](model& m) { m.arrays.erase("output.bias"); }) ==
        f.path + ": expected the array head.output.bias of shape (2,), got none");
  CHECK(text([](model& m) { m.arrays["hidden.weight"].pop_back(); }) ==
        f.path + ": expected the array head.hidden.weight of shape (4, 3), got 11 numbers");
  CHECK(text([](model& m) { m.labels[0] = "\xff", m.rule = softf1::argmax{}; }) ==
        "write_model: labels and settings must be UTF-8");
  CHECK_THROWS_AS(write_model((f.folder / "no" / "model").string(), small_model()), softf1::io_error);
}

TEST_CASE("files that are no model, or no whole one, are an io_error in one sentence that begins with the file") {
  file_of_model const f;
  write_model(f.path, small_model());
  softf1::io::safetensors_file const good(f.path);
  auto const form = softf1::io::json_value::parse(good.metadata().at("model"));
  std::string const bad = (f.folder / "bad.safetensors").string();
  auto const write = [&](metadata about, std::string const& without = {}, named_array const* extra = nullptr) {
    std::vector<named_array> arrays;
    for (auto const& e : good.entries())
      if (e.name != without) arrays.push_back({e.name, good.tensor(e.name)});
    if (extra) arrays.push_back(*extra);
    softf1::write_safetensors(bad, arrays, about);
    auto const text = error_text<softf1::io_error>([&] { read_model(bad); });
    CHECK(text.find('\n') == text.npos);
    return text;
  };
  auto const with = [&](std::string const& key, std::string const& value) {
    auto about = good.metadata();
    about[key] = value;
    return about;
  };
  auto const changed = [&](std::string const& key, softf1::io::json_value const& value) {
    auto other = form;
    if (value.is_discarded())
      other.erase(key);
    else
      other[key] = value;
    auto const text = write(with("model", other.dump()));
    INFO(key << ": " << text);
    CHECK((text.starts_with(bad + ": ") || text.starts_with("read_decision_rule: " + bad + ": ")));
    return text;
  };
  CHECK(write({}) == bad + ": expected a model of softf1, got a .safetensors file without a format");
  CHECK(write({{"format", "pt"}}) == bad + ": expected a model of softf1, got a .safetensors file of format 'pt'");
  CHECK(write(with("version", "2")) == bad + ": the model has version 2, newer than 1, the newest that this softf1 (" +
                                           std::string(SOFTF1_VERSION) + ") reads");
  CHECK(write(with("version", "new")) == bad + ": version must be a number, got 'new'");
  CHECK(write(with("version", "nan")).starts_with(bad + ": "));
  CHECK(write(with("model", "{")) == bad + ": the metadata 'model' is not JSON, or nested too deep");
  CHECK(write(with("model", std::string(100000, '['))) ==
        bad + ": the metadata 'model' is not JSON, or nested too deep");
  CHECK(write(with("model", "[]")).starts_with(bad + ": the model's description is not one ("));
  CHECK(write(with("model", "3")).starts_with(bad + ": the model's description is not one ("));
  CHECK(write(good.metadata(), "head.output.weight") ==
        bad + ": expected the array head.output.weight of shape (3, 2), got none");
  CHECK(changed("source", "sound") ==
        bad + ": the model's description is not one (no source is named 'sound', there are images, features)");
  CHECK(changed("labels", {"a", "b", "c"}) == bad + ": the model has 3 labels, its decision rule has 2");
  CHECK(changed("labels", softf1::io::json_value::array()) == bad + ": the model has no labels");
  CHECK(changed("labels", "ab").find("not one (") != std::string::npos);
  CHECK(changed("inputs", 5) ==
        bad + ": the model's description is not one (input_shape: (1, 1, 4) is not of 5 inputs)");
  CHECK(changed("input_shape", {1, 2, 4}).starts_with(bad + ": "));
  CHECK(changed("input_shape", {0, 1, 4}).starts_with(bad + ": "));
  CHECK(changed("inputs", 0).starts_with(bad + ": "));
  CHECK(changed("inputs", -1).starts_with(bad + ": "));
  CHECK(changed("task", "regression").find("no task is named 'regression'") != std::string::npos);
  CHECK(changed("decision", softf1::io::json_value::object()).find("'format' is missing") != std::string::npos);
  CHECK(changed("extractor", 1).find("extractor's description") != std::string::npos);
  CHECK(changed("head", softf1::io::json_value::array()).starts_with(bad + ": "));
  CHECK(changed("head", {{{"layer", "lstm"}, {"name", "x"}}}).find("no layer of a head is named 'lstm'") !=
        std::string::npos);
  CHECK(changed("head", {{{"layer", "dense"}, {"name", "output"}, {"out", 1e15}, {"bias", true}}}).starts_with(bad));
  CHECK(changed("head", {{{"layer", "dropout"}, {"name", "d"}, {"rate", 7}}}).starts_with(bad));
  for (auto const& [key, value] : form.items())
    // Files from before heads took maps have no shape.
    if (key != "input_shape") changed(key, softf1::io::json_value(softf1::io::json_value::value_t::discarded));

  auto const whole = bytes_of(f.path);
  for (std::size_t size : {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
    put_bytes(bad, whole.substr(0, size));
    CHECK(error_text<softf1::io_error>([&] { read_model(bad); }).find(bad) != std::string::npos);
  }
  CHECK_THROWS_AS(read_model((f.folder / "absent").string()), softf1::io_error);
}

TEST_CASE("tasks are named") {
  CHECK(task_named("multilabel") == task::multilabel);
  CHECK(task_named("multiclass") == task::multiclass);
  CHECK(error_text<softf1::value_error>([] { task_named("x"); }) ==
        "no task is named 'x', there are multilabel, multiclass");
}

}  // namespace model_tests
