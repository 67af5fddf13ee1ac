// The cell of focal losses: cross-entropy that what is right already weighs little in.
#pragma once

#include <softf1/losses/element_wise.hpp>
#include <softf1/losses/focusing.hpp>
#include <softf1/math/sigmoid.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// positive · y · (1 − p)^γ · (−log p) + negative · (1 − y) · p^γ · (−log(1 − p)), and its slope. γ = 0 is cross-entropy.
/// Never takes the logarithm of a probability; finite for every finite logit.
template <class T, class Focus>
SOFTF1_HD value_and_slope<T> focal_cell(T logit, T positive, T negative, Focus const& focus) {
  auto const parts = math::softplus_with_sigmoid(logit);
  T const p = parts.sigmoid, q = parts.complement, gamma = static_cast<T>(focus.gamma());
  T const q_power = focus(q, parts.of_logit), p_power = focus(p, parts.of_minus_logit);
  // 0 · ∞ is 0: a right decision of any confidence costs nothing.
  bool const plain = gamma == T(0);
  T const yes = select((positive == T(0)) | (q_power == T(0)), T(0), positive * q_power * parts.of_minus_logit);
  T const no = select((negative == T(0)) | (p_power == T(0)), T(0), negative * p_power * parts.of_logit);
  T const yes_bend = select((p == T(0)) | plain, T(0), gamma * p * parts.of_minus_logit);
  T const no_bend = select((q == T(0)) | plain, T(0), gamma * q * parts.of_logit);
  T const poison = select(logit == logit, T(0), logit);  // a NaN is seen also where neither class weighs
  return {yes + no + poison, negative * p_power * (no_bend + p) - positive * q_power * (yes_bend + q)};
}

}  // namespace softf1::inline SOFTF1_ABI::losses
