// softf1: evaluates, calibrates and applies decisions of multi-label classifiers from files of scores.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include "command_line.hpp"
#include "output.hpp"

namespace {

constexpr int failure = 1, wrong_usage = 2;

/// Prints one line, whatever stands in the names of files and labels.
int fail(std::string text, int status) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  std::fprintf(stderr, "error: %s\n", text.c_str());
  return status;
}

}  // namespace

int main(int argc, char* argv[]) {
#if defined(SIGXFSZ)
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes then is an error of the write, and leaves no temporary
#endif
  try {
    auto const request = program::parse(argc, argv);
    if (!request.error.empty()) return fail(request.error, wrong_usage);
    if (request.job) request.job();
    program::print(request.text);
    return 0;
  } catch (std::bad_alloc const&) {
    return fail("out of memory", failure);
  } catch (std::exception const& e) {
    return fail(e.what(), failure);
  }
}
