#include "run_folder.hpp"

#include <cctype>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <softf1/core/errors.hpp>

namespace program {

namespace {

namespace fs = std::filesystem;

std::string now_text(char const* format) {
  std::time_t const now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[64];
  return {text, std::strftime(text, sizeof text, format, &local)};
}

}  // namespace

std::string default_run_folder(std::string const& loss) {
  std::string name = loss + "_" + now_text("%Y%m%d_%H%M%S");
  // What is not safe in a file name becomes an underscore.
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return (fs::path("runs") / name).string();
}

run_folder::run_folder(std::string path, bool overwrite) : path_(std::move(path)) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  if (fs::exists(file("model.safetensors")) && !overwrite)
    throw softf1::io_error("--out: " + path_ + " holds a finished run (--overwrite replaces it)");
  std::error_code failed;
  made_ = fs::create_directories(path_, failed);
  if (!fs::is_directory(path_))
    throw softf1::io_error("--out: cannot make the folder " + path_ + (failed ? ": " + failed.message() : ""));
}

run_folder::~run_folder() {
  std::error_code ignored;
  if (made_ && fs::is_empty(path_, ignored)) fs::remove(path_, ignored);
}

std::string run_folder::file(char const* name) const { return (fs::path(path_) / name).string(); }

std::string run_folder::parent() const {
  auto const parent = fs::path(path_).lexically_normal().parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace program
