// The text of the error that a call raises.
#pragma once

#include <string>

namespace softf1_test {

/// what() of the E that f() throws; "nothing was thrown" where it throws nothing. Other errors pass through.
template <class E, class F>
std::string error_text(F&& f) {
  try {
    f();
  } catch (E const& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace softf1_test
