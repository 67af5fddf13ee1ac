// Hyper-parameters that are good where none are given.
#pragma once

#include <string_view>

#include <softf1/core/named.hpp>

namespace softf1::inline SOFTF1_ABI::training {

/// What training begins with where nothing is told.
struct training_defaults {
  double learning_rate;
  std::string_view monitor;  ///< a name of monitor_named
};

/// The defaults of a loss, or of a sum of losses: those of the first. Constants, found once on the validation rows of
/// 5,788 movie posters with 18 genres (MobileNetV2 features, head 1280 → 1024 → 18, AdamW, batches of 256), among
/// learning rates from 1e-5 to 1e-3: from 1e-4 to 5e-4 all three losses are equal within the noise of a seed, 3e-5 needs
/// seven times the epochs, 1e-3 costs the soft F losses average precision. The validation loss is the best monitor: by
/// average precision the soft F losses train too long, and macro F1 at 0.5 hardly moves with bce.
/// Throws value_error for a text that is no name.
inline training_defaults defaults_for(std::string_view losses) {
  (void)parse_specs(losses);
  return {3e-4, "loss"};
}

}  // namespace softf1::inline SOFTF1_ABI::training
