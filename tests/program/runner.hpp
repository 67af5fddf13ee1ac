// Runs the program softf1 and makes the files that it reads.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <nlohmann/json.hpp>

#include <softf1/io/npy.hpp>

#include "support/catch.hpp"
#include "support/paths.hpp"

extern char** environ;

namespace softf1_program_test {

using json = nlohmann::json;

struct outcome {
  int status;  ///< 128 + signal where one ended it
  std::string out, err;
};

inline std::string content(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline bool has(std::string const& text, std::string const& part) { return text.find(part) != text.npos; }

/// A folder of files in which the program runs; arguments are relative to it.
class workplace {
 public:
  workplace() {
    put("scores.csv", "cat,dog\n0.9,0.2\n0.6,0.8\n0.4,0.1\n0.7,0.3\n");
    put("targets.csv", "cat,dog\n1,0\n0,1\n1,0\n1,1\n");
  }

  std::filesystem::path const& dir() const { return files_.path(); }
  void put(std::string const& name, std::string const& bytes) const {
    std::ofstream(dir() / name, std::ios::binary) << bytes;
  }
  std::string get(std::string const& name) const { return content(dir() / name); }
  json get_json(std::string const& name) const { return json::parse(get(name)); }
  bool holds(std::string const& name) const { return std::filesystem::exists(dir() / name); }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (auto const& entry : std::filesystem::directory_iterator(dir()))
      all.push_back(entry.path().filename().string());
    std::sort(all.begin(), all.end());
    return all;
  }

  template <class T>
  void put_npy(std::string const& name, std::vector<T> const& values, std::vector<std::size_t> const& shape,
               softf1::io::storage_order order = softf1::io::storage_order::row_major) const {
    softf1::write_npy((dir() / name).string(), softf1::io::array(softf1::io::dtype_of<T>, shape, order,
                                                                 std::as_bytes(std::span(values)), nullptr));
  }

  /// Runs the program with these arguments.
  outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), softf1_test::program()->string());
    return run_command(std::move(arguments));
  }

  /// Runs `prefix; program arguments…` in a shell.
  outcome run_after(std::string const& prefix, std::vector<std::string> arguments) const {
    std::vector<std::string> command{"/bin/sh", "-c", prefix + "; exec \"$0\" \"$@\"",
                                     softf1_test::program()->string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run_command(std::move(command));
  }

 private:
  outcome run_command(std::vector<std::string> command) const {
    auto const out = outputs_.path() / "out", err = outputs_.path() / "err";
    std::vector<char*> argv;
    for (auto& word : command) argv.push_back(word.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    constexpr int create = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), create, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), create, 0600);
    ::posix_spawn_file_actions_addchdir_np(&actions, dir().c_str());
    ::pid_t child = 0;
    int const code = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (code != 0) throw std::runtime_error("cannot run " + command[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(out), content(err)};
  }

  softf1_test::temp_directory files_, outputs_;
};

/// True for one line that begins with "error: ".
inline bool is_one_error(std::string const& text) {
  return text.starts_with("error: ") && text.size() > 8 && text.find('\n') == text.size() - 1;
}

/// Leaves a test where this build has no program.
#define SOFTF1_NEEDS_PROGRAM \
  if (!softf1_test::program()) SOFTF1_SKIP("this build has no program softf1")

}  // namespace softf1_program_test
