#include "softf1_c.h"

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <softf1/losses/hessian.hpp>
#include <softf1/losses/objective.hpp>
#include <softf1/metrics/classification.hpp>
#include <softf1/scores/any_score.hpp>
#include <softf1/version.hpp>

using softf1::context;
using softf1::cpu;
using softf1::matrix_view;

struct softf1_loss {
  std::string spec;
  std::size_t labels;
  context<cpu> ctx = {};
  softf1::buffer<double> value{ctx, 1};
  // Made when they are first asked for. Each has a memory of its own.
  std::tuple<std::unique_ptr<softf1::losses::objective<float>>, std::unique_ptr<softf1::losses::objective<double>>>
      objectives = {};

  template <class T>
  softf1::losses::objective<T>& objective() {
    auto& one = std::get<std::unique_ptr<softf1::losses::objective<T>>>(objectives);
    if (!one) one = softf1::losses::make_objective<T>(ctx, spec, labels);
    return *one;
  }
};

namespace {

thread_local std::string last_error;

// No exception passes a border to C.
template <class Work>
int guarded(Work const& work) {
  last_error.clear();
  try {
    work();
    return 0;
  } catch (std::exception const& e) {
    last_error = e.what();
  } catch (...) {
    last_error = "softf1: an error of an unknown kind";
  }
  return -1;
}

// Callers pass on the NULL of a softf1_loss_create that failed.
template <class T>
T* given(T* pointer, const char* what) {
  softf1::require_value(pointer, "softf1_c", std::string(what) + " must not be NULL");
  return pointer;
}

// Of no rows, arrays have no address in some languages.
template <class T>
T* given_rows(T* pointer, std::size_t rows, const char* what) {
  return rows == 0 ? pointer : given(pointer, what);
}

softf1::mask_view<cpu> mask_of(std::uint8_t const* mask, std::size_t rows, std::size_t labels) {
  if (!mask) return {};
  return matrix_view<std::uint8_t const>(mask, rows, labels);
}

template <class T>
struct strided {
  T const* data;
  std::ptrdiff_t row_stride, label_stride;
};

// Without a gradient: the value alone, which leaves what the loss remembers as it is.
template <class T>
int evaluate(softf1_loss* loss, std::size_t rows, strided<T> logits, strided<T> targets, std::uint8_t const* mask,
             double* value, std::optional<T*> gradient = {}) {
  return guarded([&] {
    auto& known = *given(loss, "loss");
    auto const cells = [&](strided<T> x, const char* what) {
      return matrix_view<T const>(given_rows(x.data, rows, what), rows, known.labels, x.row_stride, x.label_stride);
    };
    auto const z = cells(logits, "logits"), y = cells(targets, "targets");
    auto const present = mask_of(mask, rows, known.labels);
    given(value, "value");
    auto& objective = known.objective<T>();
    if (gradient) {
      matrix_view<T> const by_logits(given_rows(*gradient, rows, "gradient"), rows, known.labels);
      objective.value_and_gradient(known.ctx, z, y, known.value.view(), by_logits, present);
      objective.advance(known.ctx);
    } else {
      objective.value(known.ctx, z, y, known.value.view(), present);
    }
    *value = known.value.view()(0);
  });
}

softf1::booster_layout layout_of(int layout) {
  softf1::require_value(layout == SOFTF1_ROW_MAJOR || layout == SOFTF1_LABEL_MAJOR, "softf1_c",
                        "layout must be SOFTF1_ROW_MAJOR (0) or SOFTF1_LABEL_MAJOR (1), got " + std::to_string(layout));
  return layout == SOFTF1_ROW_MAJOR ? softf1::booster_layout::row_major : softf1::booster_layout::label_major;
}

template <class T>
void boost(const char* loss, std::size_t rows, std::size_t labels, int layout, double least_hessian, T const* scores,
           T const* targets, double* value, T* gradient, T* hessian) {
  auto const spec = softf1::parse_spec(given(loss, "loss"), "loss of cells");
  given_rows(scores, rows, "scores");
  given_rows(targets, rows, "targets");
  given(value, "value");
  given_rows(gradient, rows, "gradient");
  given_rows(hessian, rows, "hessian");
  softf1::with_named<softf1::losses::of_cells>(
      spec, "loss of cells (boosting takes no other)", [&]<class Loss>(Loss const& which) {
        softf1::boosting_objective<Loss> const objective{which, labels, layout_of(layout), least_hessian};
        *value = objective(scores, targets, rows, gradient, hessian);
      });
}

}  // namespace

const char* softf1_last_error(void) { return last_error.c_str(); }

const char* softf1_version(void) { return SOFTF1_VERSION; }

softf1_loss* softf1_loss_create(const char* spec, size_t labels) {
  softf1_loss* loss = nullptr;
  guarded([&] {
    auto made = std::unique_ptr<softf1_loss>(new softf1_loss{given(spec, "spec"), labels});
    made->objective<float>();
    loss = made.release();
  });
  return loss;
}

void softf1_loss_free(softf1_loss* loss) { delete loss; }

int softf1_loss_f32(softf1_loss* loss, size_t rows, const float* logits, ptrdiff_t logit_row_stride,
                    ptrdiff_t logit_label_stride, const float* targets, ptrdiff_t target_row_stride,
                    ptrdiff_t target_label_stride, const uint8_t* mask, double* value, float* gradient) {
  return evaluate<float>(loss, rows, {logits, logit_row_stride, logit_label_stride},
                         {targets, target_row_stride, target_label_stride}, mask, value, gradient);
}

int softf1_loss_value_f32(softf1_loss* loss, size_t rows, const float* logits, ptrdiff_t logit_row_stride,
                          ptrdiff_t logit_label_stride, const float* targets, ptrdiff_t target_row_stride,
                          ptrdiff_t target_label_stride, const uint8_t* mask, double* value) {
  return evaluate<float>(loss, rows, {logits, logit_row_stride, logit_label_stride},
                         {targets, target_row_stride, target_label_stride}, mask, value);
}

int softf1_loss_f64(softf1_loss* loss, size_t rows, const double* logits, ptrdiff_t logit_row_stride,
                    ptrdiff_t logit_label_stride, const double* targets, ptrdiff_t target_row_stride,
                    ptrdiff_t target_label_stride, const uint8_t* mask, double* value, double* gradient) {
  return evaluate<double>(loss, rows, {logits, logit_row_stride, logit_label_stride},
                          {targets, target_row_stride, target_label_stride}, mask, value, gradient);
}

int softf1_loss_value_f64(softf1_loss* loss, size_t rows, const double* logits, ptrdiff_t logit_row_stride,
                          ptrdiff_t logit_label_stride, const double* targets, ptrdiff_t target_row_stride,
                          ptrdiff_t target_label_stride, const uint8_t* mask, double* value) {
  return evaluate<double>(loss, rows, {logits, logit_row_stride, logit_label_stride},
                          {targets, target_row_stride, target_label_stride}, mask, value);
}

int softf1_score_f32(const char* score, const char* average, size_t rows, size_t labels, const float* scores,
                     ptrdiff_t score_row_stride, ptrdiff_t score_label_stride, const uint8_t* targets,
                     const uint8_t* mask, double threshold, double* result) {
  return guarded([&] {
    context<cpu> ctx;
    auto const which = softf1::score_named(softf1::parse_spec(given(score, "score"), "score"));
    auto const how = static_cast<softf1::averaging>(
        softf1::place_of_word(given(average, "average"), softf1::scores::averaging_names, "average"));
    matrix_view<float const> const z(given_rows(scores, rows, "scores"), rows, labels, score_row_stride,
                                     score_label_stride);
    matrix_view<std::uint8_t const> const y(given_rows(targets, rows, "targets"), rows, labels);
    given(result, "result");
    softf1::metric_options<cpu> const options{
        .decision = softf1::threshold_set{std::vector<double>(labels, threshold)}, .mask = mask_of(mask, rows, labels)};
    using softf1::averaging;
    *result = how == averaging::macro      ? softf1::macro(ctx, which, z, y, options)
              : how == averaging::micro    ? softf1::micro(ctx, which, z, y, options)
              : how == averaging::weighted ? softf1::weighted(ctx, which, z, y, options)
                                           : softf1::samples(ctx, which, z, y, options);
  });
}

int softf1_boosting_f32(const char* loss, size_t rows, size_t labels, int layout, double least_hessian,
                        const float* scores, const float* targets, double* value, float* gradient, float* hessian) {
  return guarded([&] { boost(loss, rows, labels, layout, least_hessian, scores, targets, value, gradient, hessian); });
}

int softf1_boosting_f64(const char* loss, size_t rows, size_t labels, int layout, double least_hessian,
                        const double* scores, const double* targets, double* value, double* gradient, double* hessian) {
  return guarded([&] { boost(loss, rows, labels, layout, least_hessian, scores, targets, value, gradient, hessian); });
}
