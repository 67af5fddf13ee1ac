// The command line: the only part that knows CLI11.
#pragma once

#include <functional>
#include <string>

namespace program {

/// What the command line asks for: a job to run, or a text to print (help, version), or an error of usage.
struct request {
  std::function<void()> job;
  std::string text;
  std::string error;
};

request parse(int argc, char const* const* argv);

}  // namespace program
