#include <softf1/training/fit.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/backends.hpp"
#include "support/catch.hpp"
#include "training/toy.hpp"

namespace training_backend_tests {

using namespace training_tests;

template <class B>
struct outcome {
  std::vector<float> parameters;
  fit_result result;
};

/// A head with a hidden layer and dropout on backend B.
template <class B>
struct learner {
  softf1::context<B> ctx;
  softf1::layers::network<float, B> net;
  std::unique_ptr<softf1::losses::objective<float, B>> loss;

  learner(toy const& t, std::string const& loss_name, typename softf1::context<B>::options const& how = {})
      : ctx(how),
        net(ctx, {1, 1, t.inputs}, head_table(t.labels, {.hidden = 16, .dropout = 0.2}), 3),
        loss(make_loss(ctx, loss_name, t.labels)) {}

  outcome<B> done(fit_result result) {
    std::vector<float> host(net.parameters().size());
    softf1::copy(ctx, std::as_const(net).parameters(), softf1::vector_view<float>(host.data(), host.size()));
    return {std::move(host), std::move(result)};
  }
};

/// The toy's rows on a backend.
template <class B>
struct rows_on {
  softf1::buffer<float, B> x, y;
  std::size_t rows, inputs, labels;
  rows_on(softf1::context<B>& ctx, toy const& t)
      : x(softf1_test::upload(ctx, t.x)),
        y(softf1_test::upload(ctx, t.y)),
        rows(t.rows),
        inputs(t.inputs),
        labels(t.labels) {}
  labelled_rows<float, B> view() const { return {x.matrix(rows, inputs), y.matrix(rows, labels)}; }
};

template <class B>
outcome<B> trained_on(toy const& t, toy const& validation, fit_options const& options, std::string const& loss,
                      typename softf1::context<B>::options const& how = {}) {
  learner<B> model(t, loss, how);
  rows_on<B> const train(model.ctx, t), seen(model.ctx, validation);
  return model.done(fit(model.ctx, model.net, *model.loss, train.view(), seen.view(), options));
}

// 230 rows are four full batches and a small one.
inline fit_options few_epochs() {
  return {.epochs = 6, .batch_size = 50, .learning_rate = 0.02, .seed = 5, .patience = 0};
}

inline double distance(std::vector<float> const& a, std::vector<float> const& b) {
  double most = a.size() == b.size() ? 0 : HUGE_VAL;
  for (std::size_t k = 0; k < a.size() && k < b.size(); ++k)
    most = std::max(most, std::fabs(static_cast<double>(a[k]) - static_cast<double>(b[k])));
  return most;
}

}  // namespace training_backend_tests

TEMPLATE_TEST_CASE("a head learns on every backend", "[training][fit]", SOFTF1_TEST_BACKENDS) {
  using namespace training_backend_tests;
  auto options = few_epochs();
  options.epochs = 60;
  for (std::string const loss : {"bce", "soft_f1", "bce:weight=0.5+soft_f1:weight=0.5"}) {
    auto const model = trained_on<TestType>(separable(230, 1), separable(100, 2), options, loss);
    INFO(loss);
    REQUIRE(model.result.history.size() == 60);
    CHECK(model.result.history.back().macro_f1 == 1);
    CHECK(model.result.history.back().map == 1);
  }
}

TEMPLATE_TEST_CASE("training again gives the same bits", "[training][fit]", SOFTF1_TEST_BACKENDS) {
  using namespace training_backend_tests;
  auto const t = separable(230, 1), v = noise(40, 2, 5);
  auto const first = trained_on<TestType>(t, v, few_epochs(), "soft_f1");
  CHECK((trained_on<TestType>(t, v, few_epochs(), "soft_f1").parameters == first.parameters));
  auto other = few_epochs();
  other.seed = 6;
  CHECK((trained_on<TestType>(t, v, other, "soft_f1").parameters != first.parameters));
}

TEMPLATE_TEST_CASE("a loss that is not finite ends training, and the batch is named", "[training][fit]",
                   SOFTF1_TEST_BACKENDS) {
  using namespace training_backend_tests;
  auto t = separable(230, 1);
  t.x[229 * t.inputs] = std::nanf("");
  auto const model = trained_on<TestType>(t, separable(40, 2), few_epochs(), "bce");
  CHECK(model.result.end == fit_end::diverged);
  auto const order = shuffled_rows(230, 5, 1);
  auto const place = static_cast<std::size_t>(std::find(order.begin(), order.end(), 229) - order.begin());
  CHECK(model.result.sentence.find("epoch 1, batch " + std::to_string(place / 50 + 1)) != std::string::npos);
}

#if defined(SOFTF1_DEVICE_CODE)

DEVICE_TEST_CASE("rows that travel in batches train the same bits as rows that lie on the device",
                 "[training][fit][device]") {
  using namespace training_backend_tests;
  auto const t = separable(230, 1), v = noise(40, 2, 5);
  auto const resident = trained_on<softf1::cuda>(t, v, few_epochs(), "soft_f1");
  for (bool const stream : {false, true}) {
    INFO((stream ? "streamed" : "uploaded"));
    auto options = few_epochs();
    options.stream = stream;
    learner<softf1::cuda> model(t, "soft_f1");
    auto const got = model.done(fit(model.ctx, model.net, *model.loss, t.view(), v.view(), options));
    CHECK((got.parameters == resident.parameters));
    CHECK(got.result.history.back().loss == resident.result.history.back().loss);
  }
}

DEVICE_TEST_CASE("rows travel in batches where the device has no room for them", "[training][fit][device]") {
  using namespace training_backend_tests;
  // 4 MB of features, and 3 MB of memory.
  auto const t = separable(20'000, 1, false, 50), v = separable(100, 2, false, 50);
  auto options = few_epochs();
  options.epochs = 1;
  learner<softf1::cuda> model(t, "soft_f1", {.memory_limit = 3'000'000});
  auto const got = model.done(fit(model.ctx, model.net, *model.loss, t.view(), v.view(), options));
  CHECK((got.parameters == trained_on<softf1::cuda>(t, v, options, "soft_f1").parameters));
}

DEVICE_TEST_CASE("products of rounded factors train as well, since gradients of counts are large",
                 "[training][fit][device]") {
  using namespace training_backend_tests;
  using enum softf1::product_precision;
  auto const t = separable(230, 1), v = separable(100, 2);
  auto options = few_epochs();
  options.epochs = 60;
  auto const plain = trained_on<softf1::cuda>(t, v, options, "soft_f1", {.precision = full});
  for (auto precision : {tf32, bf16, fp16}) {
    auto const model = trained_on<softf1::cuda>(t, v, options, "soft_f1", {.precision = precision});
    INFO(static_cast<int>(precision));
    CHECK((model.parameters != plain.parameters));
    CHECK(model.result.history.back().macro_f1 == 1);
    CHECK(distance(model.parameters, plain.parameters) < 0.1);
  }
}

#endif

#if defined(SOFTF1_DEVICE_CODE) && !defined(__CUDACC__)

TEST_CASE("the device trains what the CPU trains", "[training][fit][device]") {
  using namespace training_backend_tests;
  auto const t = separable(230, 1), v = noise(40, 2, 5);
  for (std::string const loss : {"bce", "soft_f1", "softmax_cross_entropy"}) {
    auto const host = trained_on<softf1::cpu>(t, v, few_epochs(), loss);
    auto const device = trained_on<softf1::cuda>(t, v, few_epochs(), loss);
    INFO(loss);
    CHECK(distance(host.parameters, device.parameters) < 1e-4);
    for (std::size_t e = 0; e < 6; ++e) {
      auto const &a = host.result.history[e], &b = device.result.history[e];
      CHECK(std::fabs(a.loss - b.loss) < 1e-4);
      CHECK(std::fabs(a.train_loss - b.train_loss) < 1e-4);
      CHECK(std::fabs(a.map - b.map) < 1e-2);
      CHECK(std::fabs(a.tuned_macro_f1 - b.tuned_macro_f1) < 1e-2);
    }
  }
}

#endif
