// How the weights of a sum of losses change over epochs.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

#include <softf1/core/named.hpp>

namespace softf1::inline SOFTF1_ABI::losses {

/// The first loss of a sum begins alone, with the weight of all; over `epochs` epochs the weights become those that are
/// given: F1 alone is apt to stick in a constant answer. epochs 0: they are so from the beginning.
struct loss_schedule {
  enum class curve {
    step,    ///< all at once, when `epochs` epochs are over
    linear,  ///< by the same amount in each epoch
    cosine   ///< slowly at both ends: ½ (1 − cos πs)
  };
  static constexpr std::array<std::string_view, 3> names{"step", "linear", "cosine"};

  curve how = curve::linear;
  double epochs = 0;  ///< finite, >= 0

  /// How far the weights of an epoch, counted from 1, are on their way: from 0 to 1.
  double share(std::size_t epoch) const {
    double const done = static_cast<double>(epoch) - 1;
    if (done >= epochs) return 1;
    double const s = done / epochs;
    return how == curve::step ? 0 : how == curve::linear ? s : 0.5 * (1 - std::cos(3.14159265358979323846 * s));
  }
};

/// "linear:epochs=10", "cosine:epochs=10", "step:epochs=10". Throws value_error in one sentence for other texts.
inline loss_schedule loss_schedule_named(std::string_view text) {
  auto const spec = parse_spec(text, "schedule");
  loss_schedule found;
  found.how =
      static_cast<loss_schedule::curve>(place_of_word(spec.name, loss_schedule::names, "the schedule of losses"));
  for (auto const& [key, value] : spec.parameters) {
    require_value(key == "epochs", spec.name, "there is no option '" + key + "', it has epochs");
    found.epochs = parse_number(value, spec.name + ": epochs");
  }
  require_value(found.epochs > 0 && found.epochs * 0 == 0, spec.name,
                "epochs must be finite and > 0, got " + number_text(found.epochs));
  return found;
}

}  // namespace softf1::inline SOFTF1_ABI::losses

namespace softf1::inline SOFTF1_ABI {
using losses::loss_schedule;
}
