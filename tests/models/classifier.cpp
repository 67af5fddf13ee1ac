#include <softf1/models/classifier.hpp>

#include <cmath>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "models/small.hpp"
#include "support/catch.hpp"
#include "support/data.hpp"
#include "support/errors.hpp"
#include "support/paths.hpp"

namespace classifier_tests {

using namespace small_models;
using softf1::classifier;
using softf1_test::error_text;

struct model_on_disk {
  softf1_test::temp_directory folder;
  std::string path = (folder / "model.safetensors").string();
  model m;

  explicit model_on_disk(extractor_identity const& id = small_identity(), std::size_t inputs = 1280) {
    m.labels = {"a", "b", "c"};
    m.rule = softf1::threshold_set{{-0.2, 0, 0.2}};
    m.extractor = id;
    m.input = {1, 1, inputs};
    m.head = {{softf1::layers::dense{.out = 3}, "output"}};
    context ctx({.threads = 1});
    m.arrays = arrays_of(network(ctx, {1, 1, inputs}, m.head, 5));
    write();
  }

  void write(extractor const* bundle = nullptr) const { write_model(path, m, bundle); }
  std::string put(std::size_t kind) const {
    auto const name = (folder / ("p" + std::to_string(kind) + ".png")).string();
    put_picture(name, picture(kind));
    return name;
  }
};

TEST_CASE("a classifier predicts the same from a file and from its pixels") {
  model_on_disk const d;
  classifier const c(d.path);
  CHECK(c.labels() == d.m.labels);
  CHECK(c.extractor().identity() == d.m.extractor);
  CHECK(c.model().rule.index() == d.m.rule.index());
  auto const a = c.predict(d.put(2)), b = c.predict(picture(2)), other = c.predict(picture(3));
  CHECK(a.logits == b.logits);
  CHECK(a.probabilities == b.probabilities);
  CHECK(a.decided == b.decided);
  CHECK(a.labels == b.labels);
  CHECK(other.logits != a.logits);
}

TEST_CASE("a calibrated model predicts and decides by calibrated probabilities") {
  model_on_disk d;
  auto const plain = classifier(d.path).predict(picture(4));
  // Thresholds that the probabilities of the logits would not meet: each map adds 3 to twice the logit.
  d.m.calibration =
      softf1::calibration_map{.maps = std::vector(3, softf1::decisions::label_map{.a = 2, .b = 2, .c = 3})};
  std::vector<double> expected;
  for (float z : plain.logits) expected.push_back(1 / (1 + std::exp(-(2 * static_cast<double>(z) + 3))));
  d.m.rule = softf1::threshold_set{.thresholds = {expected[0] - 0.01, expected[1] + 0.01, expected[2] - 0.01},
                                   .domain = softf1::score_domain::calibrated};
  d.write();
  auto const p = classifier(d.path).predict(picture(4));
  CHECK(p.logits == plain.logits);
  for (std::size_t j = 0; j < 3; ++j) CHECK(p.probabilities[j] == Approx(expected[j]).epsilon(1e-12));
  CHECK(p.decided == std::vector<std::size_t>{0, 2});
  CHECK(p.labels == std::vector<std::string>{"a", "c"});
}

TEST_CASE("a prediction follows from the head's logits and the model's rule") {
  model_on_disk d;
  context ctx({.threads = 1});
  std::vector<float> pixels(32 * 32 * 3), features(1280);
  auto const e = small_extractor();
  softf1::image::preprocess(picture(4), e.input(), {pixels.data(), {32, 32, 3}});
  e.run(ctx, {pixels.data(), {1, 32, 32, 3}}, {features.data(), 1, 1280});
  auto const& w = d.m.arrays.at("output.weight");
  auto const p = classifier(d.path).predict(picture(4));
  REQUIRE(p.logits.size() == 3);
  REQUIRE(p.probabilities.size() == 3);
  std::size_t decided = 0;
  for (std::size_t j = 0; j < 3; ++j) {
    double z = d.m.arrays.at("output.bias")[j];
    for (std::size_t k = 0; k < 1280; ++k) z += static_cast<double>(features[k]) * w[k * 3 + j];
    CHECK(p.logits[j] == Approx(z).margin(1e-4));
    CHECK(p.probabilities[j] == Approx(1 / (1 + std::exp(-static_cast<double>(p.logits[j])))));
    if (p.logits[j] < std::get<softf1::threshold_set>(d.m.rule).thresholds[j]) continue;
    REQUIRE(decided < p.decided.size());
    CHECK(p.decided[decided] == j);
    CHECK(p.labels[decided++] == d.m.labels[j]);
  }
  CHECK(p.decided.size() == decided);

  d.m.task = task::multiclass;
  d.m.rule = softf1::argmax{};
  d.write();
  auto const q = classifier(d.path).predict(picture(4));
  CHECK(q.logits == p.logits);
  CHECK(q.probabilities[0] + q.probabilities[1] + q.probabilities[2] == Approx(1));
  REQUIRE(q.decided.size() == 1);
  for (std::size_t j = 0; j < 3; ++j) {
    CHECK(q.probabilities[j] <= q.probabilities[q.decided[0]]);
    CHECK(q.probabilities[j] / q.probabilities[0] == Approx(std::exp(double{p.logits[j]} - double{p.logits[0]})));
  }
  CHECK(q.labels == std::vector<std::string>{d.m.labels[q.decided[0]]});
}

TEST_CASE("several threads predict with one classifier, with the same bits") {
  model_on_disk const d;
  classifier const c(d.path);
  constexpr std::size_t images = 6, threads = 4;
  std::vector<std::vector<float>> expected, found(images * threads);
  for (std::size_t i = 0; i < images; ++i) expected.push_back(c.predict(picture(i)).logits);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t)
    running.emplace_back([&, t] {
      for (std::size_t i = 0; i < images; ++i) found[t * images + i] = c.predict(picture(i)).logits;
    });
  for (auto& thread : running) thread.join();
  for (std::size_t k = 0; k < found.size(); ++k) CHECK(found[k] == expected[k % images]);
}

TEST_CASE("a classifier says which weights it lacks, and refuses others") {
  model_on_disk d;
  auto const weights = (d.folder / "w.safetensors").string(), others = (d.folder / "o.safetensors").string();
  softf1::write_safetensors(weights, torch_weights(0.1, 4), {{"image_size", "32"}});
  softf1::write_safetensors(others, torch_weights(0.1, 5), {{"image_size", "32"}});
  context ctx({.threads = 1});
  auto const e = extractor::from_file(ctx, weights);
  d.m.extractor = e.identity();
  d.write();
  CHECK(error_text<softf1::value_error>([&] { classifier{d.path}; }) ==
        d.path + ": the model needs the weights of its extractor (" + e.identity().weights +
            "), which it does not hold");
  CHECK(error_text<softf1::io_error>([&] {
          classifier(d.path, others);
        }).starts_with(others + ": expected the weights " + e.identity().weights));
  auto const p = classifier(d.path, weights).predict(picture(1));
  d.write(&e);
  CHECK(classifier(d.path).predict(picture(1)).logits == p.logits);
}

TEST_CASE("a classifier refuses files that are no images, and models that do not fit their extractor") {
  model_on_disk const d;
  classifier const c(d.path);
  auto const text = (d.folder / "text.jpg").string();
  put_bytes(text, "no image");
  CHECK(error_text<softf1::io_error>([&] { c.predict(text); }).find(text) != std::string::npos);
  auto const absent = (d.folder / "absent.jpg").string();
  CHECK(error_text<softf1::io_error>([&] { c.predict(absent); }).find(absent) != std::string::npos);
  CHECK_THROWS_AS(c.predict(softf1::rgb_image()), softf1::shape_error);
  CHECK_THROWS_AS(classifier(text), softf1::io_error);
  model_on_disk const narrow(small_identity(), 7);
  CHECK(error_text<softf1::io_error>([&] { classifier{narrow.path}; }) ==
        narrow.path + ": the model's head takes features of shape (1, 1, 7), its extractor gives (1, 1, 1280)");
}

TEST_CASE("a classifier with trained weights knows what photographs show", "[models][data]") {
  auto const weights = softf1_test::data("weights/mobilenet_v2_1.0_224"), photos = softf1_test::data("photos");
  if (!weights || !photos) SOFTF1_SKIP("no data folders weights/mobilenet_v2_1.0_224 and photos");
  auto const file = (*weights / "torchvision.safetensors").string();
  context ctx;
  auto const e = extractor::from_file(ctx, file);
  CHECK(e.identity().width == 1);
  model m;
  m.task = task::multiclass;
  m.rule = softf1::argmax{};
  // Line 0 is the background, which the network has not.
  std::ifstream lines(*photos / "imagenet_labels.txt");
  std::string line;
  for (std::getline(lines, line); std::getline(lines, line);) m.labels.push_back(line);
  REQUIRE(m.labels.size() == 1000);
  m.extractor = e.identity();
  m.input = {1, 1, e.dimension()};
  m.head = {{softf1::layers::dense{.out = 1000}, "output"}};
  auto const arrays = softf1::io::read_safetensors(file);
  auto const w = arrays.tensor("classifier.1.weight").as<float>();
  for (std::size_t k = 0; k < 1280; ++k)
    for (std::size_t j = 0; j < 1000; ++j) m.arrays["output.weight"].push_back(w[j * 1280 + k]);
  m.arrays["output.bias"] = arrays.tensor("classifier.1.bias").as<float>();
  softf1_test::temp_directory const folder;
  auto const path = (folder / "imagenet.safetensors").string();
  write_model(path, m, &e);

  classifier const c(path);
  struct {
    std::string photo, label;
  } const table[] = {
      {"hot_dog.jpg", "hotdog"}, {"dragonfly.bmp", "dragonfly"}, {"parrot.jpg", "macaw"}, {"china.jpg", "palace"}};
  for (auto const& row : table) {
    auto const p = c.predict((*photos / row.photo).string());
    REQUIRE(p.labels.size() == 1);
    INFO(row.photo << ": " << p.labels[0]);
    CHECK(p.labels[0].starts_with(row.label));
    double sum = 0;
    for (double probability : p.probabilities) sum += probability;
    CHECK(sum == Approx(1));
    CHECK(p.probabilities[p.decided[0]] > 0.2);
  }
}

}  // namespace classifier_tests
