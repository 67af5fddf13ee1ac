// How far the gradient of soft F1 on small batches is from that of all rows, by what a batch does about its labels:
// a plain program that prints a Markdown table. `streaming_bias [batches of 64 rows]`; of 512 rows an eighth as many.
#include <softf1/losses/soft_f1.hpp>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include <softf1/core/random.hpp>
#include <softf1/losses/value_and_gradient.hpp>

namespace {

constexpr std::size_t rows = 20000, labels = 4;
constexpr std::array<double, labels> prevalences{0.5, 0.1, 0.01, 0.001};

struct table {
  std::size_t count = 0;
  std::vector<double> z = {}, y = {};

  explicit table(std::size_t n) : count(n), z(n * labels), y(n * labels) {}
  softf1::matrix_view<double const> logits() const { return {z.data(), count, labels}; }
  softf1::matrix_view<double const> targets() const { return {y.data(), count, labels}; }
};

// A model half trained: logits are those of the prevalence, 2 higher for positives, and normal noise. AUROC is 0.92.
table make_rows() {
  table all(rows);
  softf1::random_stream const random(1);
  for (std::size_t k = 0; k < all.z.size(); ++k) {
    double const prevalence = prevalences[k % labels], u = 1 - random.uniform<double>(3 * k);
    double const normal =
        std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * random.uniform<double>(3 * k + 1));
    all.y[k] = random.uniform<double>(3 * k + 2) < prevalence ? 1 : 0;
    all.z[k] = std::log(prevalence / (1 - prevalence)) + 2 * all.y[k] + normal;
  }
  return all;
}

// What a label's gradient pushes: the sums over its positives and over its negatives. A model with a feature for either
// class has this gradient.
struct push {
  double positives = 0, negatives = 0;
  push operator+(push const& o) const { return {positives + o.positives, negatives + o.negatives}; }
  push operator-(push const& o) const { return {positives - o.positives, negatives - o.negatives}; }
  push operator*(double x) const { return {x * positives, x * negatives}; }
  double dot(push const& o) const { return positives * o.positives + negatives * o.negatives; }
  double norm() const { return std::sqrt(dot(*this)); }
};
using pushes = std::array<push, labels>;

pushes pushes_of(table const& batch, std::vector<double> const& gradient, double scale = 1) {
  pushes sums{};
  for (std::size_t k = 0; k < batch.y.size(); ++k)
    (batch.y[k] != 0 ? sums[k % labels].positives : sums[k % labels].negatives) += scale * gradient[k];
  return sums;
}

// Gradients of batches, one after the other.
class estimator {
 public:
  estimator(std::string name, softf1::soft_options const& options)
      : name_(std::move(name)), all_(ctx_, options, labels) {}

  std::string const& name() const { return name_; }

  pushes operator()(table const& batch) {
    std::vector<double> gradient(batch.z.size());
    double value = 0;
    all_.value_and_gradient(ctx_, batch.logits(), batch.targets(), softf1::vector_view<double>(&value, 1),
                            softf1::matrix_view<double>(gradient.data(), batch.count, labels));
    all_.advance(ctx_);
    return pushes_of(batch, gradient);
  }

 private:
  std::string name_;
  softf1::context<> ctx_{softf1::context<>::options{.threads = 1}};
  softf1::loss_union<softf1::soft_f1, softf1::cpu> all_;
};

// Sums over batches, in blocks whose means say how far the mean may be off.
struct moments {
  static constexpr std::size_t blocks = 20;
  std::array<pushes, blocks> sums{};
  std::array<double, labels> squares{};
  std::size_t count = 0;

  void add(pushes const& step, std::size_t block) {
    ++count;
    for (std::size_t j = 0; j < labels; ++j) {
      sums[block][j] = sums[block][j] + step[j];
      squares[j] += step[j].dot(step[j]);
    }
  }

  push mean(std::size_t j) const {
    push sum;
    for (auto const& s : sums) sum = sum + s[j];
    return sum * (1 / static_cast<double>(count));
  }
  // Of the mean, each block of the same size.
  double error(std::size_t j) const {
    double const size = static_cast<double>(count / blocks);
    double square = 0;
    for (auto const& s : sums) {
      push const off = s[j] * (1 / size) - mean(j);
      square += off.dot(off);
    }
    return std::sqrt(square / (blocks * (blocks - 1)));
  }

  std::string against(push const& exact, std::size_t j) const {
    push const m = mean(j);
    double const variance = squares[j] / static_cast<double>(count) - m.dot(m);
    char text[96];
    std::snprintf(text, sizeof text, "%.3f ± %.3f, %.3f, %.2f", (m - exact).norm() / exact.norm(),
                  error(j) / exact.norm(), m.dot(exact) / (m.norm() * exact.norm()),
                  std::sqrt(std::fmax(variance, 0.0)) / exact.norm());
    return text;
  }
};

table draw(table const& all, std::size_t size, std::size_t step) {
  softf1::random_stream const random(2, softf1::random_purpose::test, size, step);
  table batch(size);
  for (std::size_t i = 0; i < size; ++i) {
    std::size_t const row = random.below(i, rows);
    for (std::size_t j = 0; j < labels; ++j) {
      batch.z[i * labels + j] = all.z[row * labels + j];
      batch.y[i * labels + j] = all.y[row * labels + j];
    }
  }
  return batch;
}

void compare(table const& all, std::size_t size, std::size_t steps) {
  using softf1::absent_labels;
  softf1::context<> ctx;
  softf1::loss_union<softf1::soft_f1, softf1::cpu> whole(ctx, {}, labels);
  whole.add(ctx, all.logits(), all.targets());
  auto const of_whole = [&](table const& part) {
    std::vector<double> gradient(part.z.size());
    whole.gradient(ctx, part.logits(), part.targets(),
                   softf1::matrix_view<double>(gradient.data(), part.count, labels));
    return pushes_of(part, gradient, static_cast<double>(rows) / static_cast<double>(part.count));
  };
  pushes const exact = of_whole(all);

  std::vector<estimator> alone;
  alone.reserve(5);
  alone.emplace_back("absent=zero", softf1::soft_options{});
  alone.emplace_back("absent=skip", softf1::soft_options{.absent = absent_labels::skip});
  alone.emplace_back("absent=both_classes", softf1::soft_options{.absent = absent_labels::both_classes});
  alone.emplace_back("streaming=on, decay=0.9", softf1::soft_options{.decay = 0.9, .streaming = true});
  alone.emplace_back("streaming=on, decay=0.99", softf1::soft_options{.decay = 0.99, .streaming = true});
  std::vector<moments> sums(alone.size());
  moments of_union, of_all;

  // A union of 8 batches: the exact loss of its rows, in one step.
  constexpr std::size_t together = 8;
  softf1::loss_union<softf1::soft_f1, softf1::cpu> united(ctx, {}, labels);
  std::vector<table> waiting;

  std::size_t const warm_up = 1000, block = steps / moments::blocks / together * together;
  for (std::size_t step = 0; step < warm_up + block * moments::blocks; ++step) {
    table const batch = draw(all, size, step);
    bool const counts = step >= warm_up;
    std::size_t const b = counts ? (step - warm_up) / block : 0;
    for (std::size_t k = 0; k < alone.size(); ++k) {
      pushes const got = alone[k](batch);
      if (counts) sums[k].add(got, b);
    }
    if (!counts) continue;
    of_all.add(of_whole(batch), b);
    united.add(ctx, batch.logits(), batch.targets());
    waiting.push_back(batch);
    if (waiting.size() < together) continue;
    pushes total{};
    for (table const& part : waiting) {
      std::vector<double> gradient(part.z.size());
      united.gradient(ctx, part.logits(), part.targets(),
                      softf1::matrix_view<double>(gradient.data(), part.count, labels));
      auto const more = pushes_of(part, gradient);
      for (std::size_t j = 0; j < labels; ++j) total[j] = total[j] + more[j];
    }
    of_union.add(total, b);
    united.reset(ctx);
    waiting.clear();
  }

  auto const print = [&](std::string const& name, moments const& m) {
    std::printf("| %zu | %s |", size, name.c_str());
    for (std::size_t j = 0; j < labels; ++j) std::printf(" %s |", m.against(exact[j], j).c_str());
    std::printf("\n");
  };
  for (std::size_t k = 0; k < alone.size(); ++k) print(alone[k].name(), sums[k]);
  print("union of 8 batches", of_union);
  print("slopes of all rows", of_all);
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t const steps = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 160000;
  if (steps < 8 * 8 * moments::blocks) {
    std::fprintf(stderr, "streaming_bias: at least %zu batches, got %zu\n", 8 * 8 * moments::blocks, steps);
    return 2;
  }
  table const all = make_rows();
  std::printf("| batch | |");
  for (double p : prevalences) std::printf(" prevalence %g |", p);
  std::printf("\n|---|---|---|---|---|---|\n");
  compare(all, 64, steps);
  compare(all, 512, steps / 8);
}
