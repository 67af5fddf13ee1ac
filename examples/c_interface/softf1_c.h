/* softf1 for other languages: plain C functions on pointers and strides, for ctypes, Julia, Rust.
 *
 * Every function that can fail returns 0 where it did not and -1 where it did; softf1_last_error() then says why, in one
 * sentence, to the thread that asked. Strides count elements. Matrices are (rows, labels). Nothing is kept of what is
 * passed. NULL is refused, save by softf1_loss_free, as a mask, and as any array where there are no rows. A loss is used
 * by one thread at a time. */
#ifndef SOFTF1_C_H
#define SOFTF1_C_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SOFTF1_C_EXPORT __declspec(dllexport)
#else
#define SOFTF1_C_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The last error of this thread; empty where there was none. Valid until its next call. */
SOFTF1_C_EXPORT const char* softf1_last_error(void);

/* "0.1.0" */
SOFTF1_C_EXPORT const char* softf1_version(void);

/* A loss, or a weighted sum of losses: "soft_f1", "bce:weight=0.3+soft_f1:weight=0.7", "asymmetric:margin=0.05"; the mean
 * over its terms. NULL where the text names none. Numbers of the data are not passed, so their defaults stand: bce has no
 * pos_weight, class_balanced and distribution_balanced take all labels for equally frequent (the latter without its shift
 * of logits), label_correlation takes all for equally alike, and soap, which is not told which rows it sees, remembers
 * nothing. */
typedef struct softf1_loss softf1_loss;
SOFTF1_C_EXPORT softf1_loss* softf1_loss_create(const char* spec, size_t labels);
SOFTF1_C_EXPORT void softf1_loss_free(softf1_loss* loss);

/* The value, and its gradient by the logits, dense row-major (rows, labels). mask: dense row-major, 0 is missing; or NULL.
 * A NaN in gives a NaN value. A call is a training step: a loss that remembers (absent=running, streaming=on,
 * constrained_recall, constrained_precision, maximum_f_beta) moves on. _f32 and _f64 of a loss remember apart: train with
 * one of them. */
SOFTF1_C_EXPORT int softf1_loss_f32(softf1_loss* loss, size_t rows, const float* logits, ptrdiff_t logit_row_stride,
                                    ptrdiff_t logit_label_stride, const float* targets, ptrdiff_t target_row_stride,
                                    ptrdiff_t target_label_stride, const uint8_t* mask, double* value, float* gradient);
SOFTF1_C_EXPORT int softf1_loss_f64(softf1_loss* loss, size_t rows, const double* logits, ptrdiff_t logit_row_stride,
                                    ptrdiff_t logit_label_stride, const double* targets, ptrdiff_t target_row_stride,
                                    ptrdiff_t target_label_stride, const uint8_t* mask, double* value,
                                    double* gradient);

/* The value of these rows alone, as for evaluation: neither is what a loss remembers used, nor does it move on. Otherwise
 * as softf1_loss_f32. */
SOFTF1_C_EXPORT int softf1_loss_value_f32(softf1_loss* loss, size_t rows, const float* logits,
                                          ptrdiff_t logit_row_stride, ptrdiff_t logit_label_stride,
                                          const float* targets, ptrdiff_t target_row_stride,
                                          ptrdiff_t target_label_stride, const uint8_t* mask, double* value);
SOFTF1_C_EXPORT int softf1_loss_value_f64(softf1_loss* loss, size_t rows, const double* logits,
                                          ptrdiff_t logit_row_stride, ptrdiff_t logit_label_stride,
                                          const double* targets, ptrdiff_t target_row_stride,
                                          ptrdiff_t target_label_stride, const uint8_t* mask, double* value);

/* A score ("f1", "f_beta:beta=2", "mcc", ...) of decisions scores >= threshold. average: "macro", "micro", "weighted" or
 * "samples". targets: dense row-major, 0 or 1. mask as above. NaN where there are no rows. */
SOFTF1_C_EXPORT int softf1_score_f32(const char* score, const char* average, size_t rows, size_t labels,
                                     const float* scores, ptrdiff_t score_row_stride, ptrdiff_t score_label_stride,
                                     const uint8_t* targets, const uint8_t* mask, double threshold, double* result);

/* Where an array of (rows, labels) numbers has row i and label j. */
enum softf1_layout {
  SOFTF1_ROW_MAJOR = 0,  /* [i * labels + j]: XGBoost */
  SOFTF1_LABEL_MAJOR = 1 /* [j * rows + i]: LightGBM */
};

/* A loss as custom objective of a boosting library: the sum over all cells, its gradient by the scores (logits), and the
 * diagonal of its Hessian, which has no other entries. loss: one loss of cells ("bce", "focal:gamma=1", "asymmetric",
 * "poly1", ...); others (soft_f1, zlpr), and sums, are refused. The four arrays have rows * labels numbers, all in one
 * softf1_layout. targets: in [0, 1], 0 or 1 for hinges. least_hessian: finite, >= 0; stands where the Hessian is less
 * (focal losses are not convex, and boosters divide by it). NaN is refused, with its row and label. Boosters leave weights
 * of rows to custom objectives: multiply both results by them. */
SOFTF1_C_EXPORT int softf1_boosting_f32(const char* loss, size_t rows, size_t labels, int layout, double least_hessian,
                                        const float* scores, const float* targets, double* value, float* gradient,
                                        float* hessian);
SOFTF1_C_EXPORT int softf1_boosting_f64(const char* loss, size_t rows, size_t labels, int layout, double least_hessian,
                                        const double* scores, const double* targets, double* value, double* gradient,
                                        double* hessian);

#ifdef __cplusplus
}
#endif

#endif
