// The main function of all test programs. Status: 0 passed, 77 something was skipped, else failed.
#define CATCH_CONFIG_RUNNER  // for version 2
#include "support/catch.hpp"

#include <cstdio>
#include <string>

namespace {
int skipped = 0;
}

namespace softf1_test {

std::string (*why_no_device)() = nullptr;

void note_skip(std::string const& reason) {
  ++skipped;
  std::fprintf(stderr, "SKIPPED: %s\n", reason.c_str());
}

}  // namespace softf1_test

int main(int argc, char* argv[]) {
  Catch::Session session;
  int const usage = session.applyCommandLine(argc, argv);
  if (usage != 0) return usage;
#if SOFTF1_TEST_CATCH_VERSION == 2
  // A test program that ran nothing has not passed. Version 3 says so by itself.
  if (!session.configData().showHelp && !session.configData().listTests)
    session.configData().warnings = static_cast<Catch::WarnAbout::What>(Catch::WarnAbout::NoTests);
#endif
  if (std::string const why = softf1_test::why_no_device ? softf1_test::why_no_device() : ""; !why.empty()) {
    std::fprintf(stderr, "SKIPPED: %s\n", why.c_str());
    return 77;
  }
  int const failed = session.run();
  if (failed != 0) return failed;
  if (skipped == 0) return 0;
  std::fprintf(stderr, "%d test case%s skipped\n", skipped, skipped == 1 ? "" : "s");
  return 77;
}
