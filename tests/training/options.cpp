#include <softf1/training/options.hpp>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"
#include "training/toy.hpp"

namespace options_tests {

using namespace training_tests;
using softf1_test::error_text;

std::vector<float> weights(fit_options const& options, head_options const& head = {.hidden = 6, .dropout = 0.3},
                           std::string const& loss = "bce+soft_f1") {
  return train(noise(120, 1), noise(40, 2), options, loss, head).parameters();
}

double largest_difference(std::vector<float> const& a, std::vector<float> const& b) {
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) most = std::fmax(most, std::abs(double(a[i]) - double(b[i])));
  return most;
}

}  // namespace options_tests

TEST_CASE("batches that are accumulated step as one batch does, for losses of every kind", "[training][fit]") {
  using namespace options_tests;
  for (std::string const loss : {"bce", "soft_f1", "soft_f_beta", "bce:weight=0.3+soft_f1:weight=0.7"}) {
    INFO(loss);
    auto const one = weights({.epochs = 2, .batch_size = 60}, {.hidden = 6, .dropout = 0.3}, loss);
    auto const three = weights({.epochs = 2, .batch_size = 20, .accumulate = 3}, {.hidden = 6, .dropout = 0.3}, loss);
    // 120 rows are two steps of 50, and one of 20 that is less than a batch.
    CHECK(largest_difference(one, three) < 2e-6);
    auto const ragged = weights({.epochs = 2, .batch_size = 50}, {.hidden = 6, .dropout = 0.3}, loss);
    auto const pieces = weights({.epochs = 2, .batch_size = 25, .accumulate = 2}, {.hidden = 6, .dropout = 0.3}, loss);
    CHECK(largest_difference(ragged, pieces) < 2e-6);
    CHECK(largest_difference(one, ragged) > 1e-5);
  }
}

TEST_CASE("a loss is taken over batches, steps or epochs, as it is told", "[training][fit]") {
  using namespace options_tests;
  head_options const head{.hidden = 6, .dropout = 0.3};
  fit_options const three{.epochs = 2, .batch_size = 20, .accumulate = 3};
  auto batch = three, epoch = fit_options{.epochs = 2, .batch_size = 20}, all = epoch;
  batch.loss_scope = loss_scope::batch;
  epoch.loss_scope = loss_scope::epoch;
  all.accumulate = 1000;
  // The mean of batches of one size is the mean of all for cross-entropy, not for F1.
  CHECK(largest_difference(weights(batch, head, "bce"), weights(three, head, "bce")) < 2e-6);
  CHECK(largest_difference(weights(batch, head, "soft_f1"), weights(three, head, "soft_f1")) > 1e-5);
  for (std::string const loss : {"bce", "soft_f1"}) CHECK(weights(epoch, head, loss) == weights(all, head, loss));
}

TEST_CASE("the learning rate follows its schedule", "[training][fit]") {
  using namespace options_tests;
  // Six steps an epoch.
  fit_options options{.epochs = 3, .batch_size = 20, .learning_rate = 0.1, .optimizer = softf1::sgd{}};
  options.schedule = softf1::schedule_named("staircase:decay=0.5,steps=6");
  auto const scheduled = train(noise(120, 1), noise(40, 2), options);
  CHECK(scheduled.result.history.at(0).learning_rate == 0.1);
  CHECK(scheduled.result.history.at(1).learning_rate == 0.05);
  CHECK(scheduled.result.history.at(2).learning_rate == 0.025);
  options.schedule = {};
  options.epochs = 1;
  auto const constant = train(noise(120, 1), noise(40, 2), options);
  CHECK(constant.result.history[0].train_loss == scheduled.result.history[0].train_loss);
  options.epochs = 2;
  CHECK(train(noise(120, 1), noise(40, 2), options).result.history[1].train_loss !=
        scheduled.result.history[1].train_loss);
}

TEST_CASE("a gradient of a great norm is clipped to the step that the norm allows", "[training][fit]") {
  using namespace options_tests;
  fit_options options{
      .epochs = 1, .batch_size = 120, .learning_rate = 1, .optimizer = softf1::sgd{}, .clip_norm = 1e-3};
  options.monitor.less_is_better = true;
  context ctx;
  auto const t = noise(120, 1), v = noise(40, 2);
  auto net = head_for(ctx, t);
  std::vector<float> const before(net.parameters().data(), net.parameters().data() + net.parameters().size());
  auto const loss = make_loss(ctx, "bce", t.labels);
  fit(ctx, net, *loss, t.view(), v.view(), options);
  double squares = 0;
  for (std::size_t i = 0; i < before.size(); ++i)
    squares += std::pow(double(net.parameters()(i)) - double(before[i]), 2);
  CHECK(std::sqrt(squares) == Approx(1e-3).epsilon(1e-3));
}

TEST_CASE("groups of parameters have rates of their own", "[training][fit]") {
  using namespace options_tests;
  auto const all = weights({.epochs = 1}), first = weights({.epochs = 0});
  auto const frozen = weights({.epochs = 1, .groups = groups_named("hidden.*:rate=0")});
  std::size_t const hidden = 20 * 6 + 6;
  CHECK(std::vector<float>(frozen.begin(), frozen.begin() + hidden) ==
        std::vector<float>(first.begin(), first.begin() + hidden));
  CHECK(std::vector<float>(frozen.begin() + hidden, frozen.end()) !=
        std::vector<float>(first.begin() + hidden, first.end()));
  CHECK(weights({.epochs = 1, .groups = groups_named("*:decay=0")}) != all);
  CHECK(weights({.epochs = 1, .groups = groups_named("*:decay=0")}) ==
        weights({.epochs = 1, .optimizer = softf1::adamw{.weight_decay = 0}}));
  CHECK(error_text<softf1::value_error>([] { weights({.groups = groups_named("hiden.*:rate=0")}); }) ==
        "parameter groups: no parameter's name matches 'hiden.*'");
  CHECK(error_text<softf1::value_error>([] { groups_named("hidden:speed=2"); }) ==
        "hidden: there is no option 'speed', there are rate, decay");
}

TEST_CASE("averaged weights are evaluated and kept, and training goes on with the others", "[training][fit]") {
  using namespace options_tests;
  auto const t = noise(120, 1), v = noise(40, 2);
  fit_options options{.epochs = 1, .batch_size = 120, .learning_rate = 0.1, .optimizer = softf1::sgd{}};
  auto const first = weights({.epochs = 0}, {.hidden = 0, .dropout = 0});
  auto const plain = train(t, v, options);
  options.average = 0.5;
  auto const averaged = train(t, v, options);
  // After one step the average is 2/11 of the first weights: min(0.5, 2/11).
  for (std::size_t i = 0; i < first.size(); ++i)
    CHECK(averaged.parameters()[i] ==
          Approx(first[i] * 2 / 11 + plain.parameters()[i] * 9 / 11).epsilon(1e-5).margin(1e-6));
  options.epochs = 2;
  auto const longer = train(t, v, options);
  options.average = 0;
  CHECK(longer.result.history[1].train_loss == train(t, v, options).result.history[1].train_loss);
}

TEST_CASE("running statistics are averaged as weights are", "[training][fit]") {
  using namespace options_tests;
  auto const t = noise(120, 1), v = noise(40, 2);
  std::vector<float> running[2];
  double losses[2];
  for (bool const averages : {false, true}) {
    context ctx;
    network net(ctx, {1, 1, t.inputs}, {softf1::layers::batch_norm{}, softf1::layers::dense{.out = t.labels}}, 1);
    auto const loss = make_loss(ctx, "bce", t.labels);
    fit_options const options{
        .epochs = 1, .batch_size = 120, .optimizer = softf1::sgd{}, .average = averages ? 0.5 : 0};
    losses[averages] = fit(ctx, net, *loss, t.view(), v.view(), options).history.at(0).loss;
    running[averages] = {net.state().data(), net.state().data() + net.state().size()};
    std::vector<float> const logits = logits_of(ctx, net, v);
    softf1::buffer<double, softf1::cpu> value(ctx, 1);
    loss->value(ctx, matrix_view<const float>(logits.data(), v.rows, v.labels), v.view().targets, value.view());
    CHECK(value.view()(0) == losses[averages]);
  }
  // After one step 2/11 of the first ones: means of 0 and variances of 1.
  REQUIRE(running[0].size() == 2 * t.inputs);
  for (std::size_t k = 0; k < running[0].size(); ++k)
    CHECK(running[1][k] == Approx((k < t.inputs ? 0 : 2.0 / 11) + running[0][k] * 9 / 11).margin(1e-6));
  CHECK(losses[0] != losses[1]);
}

TEST_CASE("an order of rows of one's own is used, and checked", "[training][fit]") {
  using namespace options_tests;
  fit_options options{.epochs = 2, .batch_size = 30, .seed = 4};
  auto const plain = weights(options);
  options.order = [](std::size_t epoch) { return shuffled_rows(120, 4, epoch); };
  CHECK(weights(options) == plain);
  options.order = [](std::size_t) { return std::vector<std::uint64_t>(120, 7); };
  CHECK(weights(options) != plain);
  options.order = [](std::size_t) { return std::vector<std::uint64_t>(120, 120); };
  CHECK(error_text<softf1::value_error>([&] { weights(options); }) == "fit: the order names row 120 of 120");
}

TEST_CASE("mixup mixes features and targets of a pair alike", "[training][fit]") {
  using namespace options_tests;
  context ctx;
  std::vector<std::uint64_t> const places{5, 6, 7};
  std::uint64_t const epoch = 2;
  std::vector<float> shares(1), rows{1, 2, 10, 20, 3, 6};
  for_each(ctx, 1, draw_shares<float, softf1::cpu>{{places.data(), 3}, &epoch, 1, 0.4, {shares.data(), 1}});
  REQUIRE((shares[0] > 0 && shares[0] < 1));
  for_each_cell(ctx, 1, 2, mix_pairs<float, softf1::cpu>{{rows.data(), 3, 2}, {shares.data(), 1}});
  float const s = shares[0];
  CHECK(rows[0] == Approx(s * 1 + (1 - s) * 3));
  CHECK(rows[1] == Approx(s * 2 + (1 - s) * 6));
  CHECK(rows[2] == 10);
  CHECK(rows[4] == Approx(s * 3 + (1 - s) * 1));
  // Beta(alpha, alpha): mean 1/2, variance 1 / (4 (2 alpha + 1)).
  for (double alpha : {0.2, 1.0}) {
    double sum = 0, squares = 0;
    for (std::uint64_t k = 0; k < 4000; ++k) {
      double const x = symmetric_beta(softf1::random_stream(3, softf1::random_purpose::mixup, k), alpha);
      sum += x, squares += (x - 0.5) * (x - 0.5);
    }
    CHECK(sum / 4000 == Approx(0.5).margin(0.03));
    CHECK(squares / 4000 == Approx(1 / (4 * (2 * alpha + 1))).epsilon(0.06));
  }
  CHECK(weights({.epochs = 1, .mixup = 0.4}) != weights({.epochs = 1}));
}

TEST_CASE("options out of range are refused", "[training][fit]") {
  using namespace options_tests;
  auto const text = [](fit_options const& o) { return error_text<softf1::value_error>([&] { weights(o); }); };
  CHECK(text({.accumulate = 0}) == "fit: accumulate must be at least 1, got 0");
  CHECK(text({.clip_norm = -1}) == "fit: clip_norm must be >= 0, got -1");
  CHECK(text({.average = 1}) == "fit: average must be in [0, 1), got 1");
  CHECK(text({.mixup = 2}) == "fit: mixup must be in [0, 1], got 2");
  CHECK(text({.learning_rate = NAN}) == "fit: learning_rate must be finite and >= 0, got nan");
}

TEST_CASE("what stands in missing targets changes nothing", "[training][fit]") {
  using namespace options_tests;
  auto const t = noise(90, 1), v = noise(40, 2);
  std::vector<std::uint8_t> mask(t.y.size(), 1), validation_mask(v.y.size(), 1);
  for (std::size_t k = 0; k < mask.size(); k += 5) mask[k] = 0;
  for (std::size_t k = 0; k < validation_mask.size(); k += 3) validation_mask[k] = 0;
  auto const trained_on = [&](bool changed, bool masked, double mixup = 0) {
    auto a = t, b = v;
    for (std::size_t k = 0; changed && k < mask.size(); k += 5) a.y[k] = 1 - a.y[k];
    for (std::size_t k = 0; changed && k < validation_mask.size(); k += 3) b.y[k] = 1 - b.y[k];
    context ctx;
    auto net = head_for(ctx, t, {.hidden = 6, .dropout = 0});
    auto const loss = make_loss(ctx, "bce+soft_f1", t.labels);
    auto train = a.view(), validation = b.view();
    if (masked)
      train.mask = {mask.data(), t.rows, t.labels}, validation.mask = {validation_mask.data(), v.rows, v.labels};
    auto const result =
        fit(ctx, net, *loss, train, validation, {.epochs = 2, .batch_size = 20, .accumulate = 2, .mixup = mixup});
    auto figures = figures_of(result.history).back();
    figures.push_back(static_cast<double>(net.parameters()(0)));
    return figures;
  };
  CHECK(trained_on(true, true) == trained_on(false, true));
  CHECK(trained_on(true, true, 0.4) == trained_on(false, true, 0.4));
  CHECK(trained_on(true, false) != trained_on(false, false));
  CHECK(trained_on(false, true) != trained_on(false, false));
}

TEST_CASE("what a group froze is trained again by the next fit, what the user froze is not", "[training][fit]") {
  using namespace options_tests;
  auto const t = noise(120, 1), v = noise(40, 2);
  context ctx;
  auto net = head_for(ctx, t, {.hidden = 6, .dropout = 0});
  auto const loss = make_loss(ctx, "bce", t.labels);
  auto const changes = [&](fit_options const& options) {
    std::vector<float> const before(net.parameters().data(), net.parameters().data() + net.parameters().size());
    fit(ctx, net, *loss, t.view(), v.view(), options);
    std::size_t const hidden = 20 * 6 + 6;
    std::vector<bool> changed(2);
    for (std::size_t k = 0; k < before.size(); ++k)
      if (net.parameters()(k) != before[k]) changed[k >= hidden] = true;
    return changed;
  };
  fit_options options{.epochs = 1, .batch_size = 120};
  options.groups = groups_named("hidden.*:rate=0");
  CHECK(changes(options) == std::vector<bool>{false, true});
  options.groups = {};
  CHECK(changes(options) == std::vector<bool>{true, true});
  net.freeze([](std::string const& name) { return name.starts_with("output."); });
  CHECK(changes(options) == std::vector<bool>{true, false});
  options.groups = groups_named("hidden.weight:rate=0");
  CHECK(changes(options) == std::vector<bool>{true, false});
  CHECK(!net.named().back().trained);
}
