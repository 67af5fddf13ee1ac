// Real data for tests. A test that needs them carries the tag [data] and begins with
//
//   auto const folder = softf1_test::data("mulan");
//   if (!folder) SOFTF1_SKIP("no data folder mulan");
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace softf1_test {

/// The path of `name` in the folder of data: $SOFTF1_DATA, else ../shared/data beside the checkout; nothing where it
/// does not exist.
inline std::optional<std::filesystem::path> data(std::string const& name) {
  char const* const variable = std::getenv("SOFTF1_DATA");
  std::filesystem::path const root = variable && *variable
                                         ? std::filesystem::path(variable)
                                         : std::filesystem::path(SOFTF1_TEST_SOURCE_DIR) / ".." / "shared" / "data";
  std::error_code ignored;
  auto const path = root / name;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  return path.lexically_normal();
}

}  // namespace softf1_test
