// No network at all: images themselves as features.
#pragma once

#include <softf1/models/architecture.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// The architecture of one block that changes nothing: its features are the prepared pixels (S, S, 3), for networks that
/// are trained from their first layer on.
inline architecture pixels_of(architecture_options const& = {}) {
  return {.name = "pixels", .blocks = {{layers::dropout{.rate = 0}, "pixels"}}, .names = {}, .features = "pixels"};
}

inline feeding pixels_feeding(key_names) { return {}; }

}  // namespace softf1::inline SOFTF1_ABI::models
