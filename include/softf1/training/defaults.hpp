// Hyper-parameters that are good where none are given.
#pragma once

#include <string_view>

#include <softf1/config.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// The learning rate of AdamW for bce, soft_f1 and double_soft_f1 alike. A constant, found once on the validation rows of
/// 5,788 movie posters with 18 genres (MobileNetV2 features, head 1280 → 1024 → 18, batches of 256) among rates from
/// 1e-5 to 1e-3: from 1e-4 to 5e-4 all are equal within the noise of a seed, 3e-5 needs seven times the epochs, 1e-3 costs
/// the soft F losses average precision.
inline constexpr double default_learning_rate = 3e-4;

/// What early stopping watches. By average precision the soft F losses train too long, and macro F1 at 0.5 hardly moves
/// with bce; the validation loss is best or equal for all three.
inline constexpr std::string_view default_monitor = "loss";

}  // namespace softf1::inline SOFTF1_ABI::training
