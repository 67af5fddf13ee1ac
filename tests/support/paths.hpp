// Files that tests use: the program softf1, the checkout, and a folder of their own.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace softf1_test {

/// The built program softf1; nothing where this build has none.
inline std::optional<std::filesystem::path> program() {
#if defined(SOFTF1_TEST_PROGRAM)
  return std::filesystem::path(SOFTF1_TEST_PROGRAM);
#else
  return std::nullopt;
#endif
}

/// The root of the checkout.
inline std::filesystem::path source_dir() { return SOFTF1_TEST_SOURCE_DIR; }

/// A new, empty folder, removed with all it holds at the end of its scope.
class temp_directory {
 public:
  temp_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "softf1_test_XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("temp_directory: cannot make " + name);
    path_ = name;
  }
  temp_directory(temp_directory const&) = delete;
  temp_directory& operator=(temp_directory const&) = delete;
  ~temp_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path const& path() const { return path_; }
  std::filesystem::path operator/(std::string const& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace softf1_test
