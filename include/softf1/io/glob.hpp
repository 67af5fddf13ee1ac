// Files by a pattern.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <glob.h>

#include <softf1/io/detail/descriptor.hpp>

namespace softf1::inline SOFTF1_ABI::io {

/// The files whose names match a pattern of `*`, `?` and `[...]`, sorted by bytes; a pattern without any, or that
/// matches nothing, is a name.
/// `*` matches no slash, and no dot at the beginning of a name. Throws io_error where there is none.
inline std::vector<std::string> files_matching(std::string const& pattern, std::string_view who = "files_matching") {
  ::glob_t found{};
  int const code = ::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found);
  std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + (code == 0 ? found.gl_pathc : 0));
  ::globfree(&found);
  // A name may look like a pattern.
  if (paths.empty() && ::access(pattern.c_str(), F_OK) == 0) paths.push_back(pattern);
  if (paths.empty()) detail::fail(who, pattern, "there is no such file");
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::files_matching;
}
