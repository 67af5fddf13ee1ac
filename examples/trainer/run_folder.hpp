// Where the files of a training run lie.
#pragma once

#include <string>

namespace program {

/// A folder of its own for each run, named by its loss and the time.
std::string default_run_folder(std::string const& loss);

/// The folder of a run. One that was made for it and got no files is removed again.
class run_folder {
 public:
  /// Makes the folder. Throws io_error where that fails, and where it holds a finished run that is not to be overwritten.
  run_folder(std::string path, bool overwrite);
  run_folder(run_folder const&) = delete;
  run_folder& operator=(run_folder const&) = delete;
  ~run_folder();

  std::string const& path() const { return path_; }
  std::string file(char const* name) const;
  /// Where features are kept, so that the next run finds them.
  std::string parent() const;

 private:
  std::string path_;
  bool made_ = false;
};

}  // namespace program
