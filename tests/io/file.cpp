#include <softf1/io/file.hpp>

#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include <softf1/io/atomic_writer.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_file_test {

using namespace softf1_io_test;
namespace io = softf1::io;

/// Files longer than `bytes` cannot be written while this lives: a full disk that needs no disk.
class file_size_limit {
 public:
  explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

std::string text_of(std::vector<std::byte> const& bytes) {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

TEST_CASE("a file is read whole and mapped alike", "[io][file]") {
  softf1_test::temp_directory const folder;
  for (std::string const& content : {""s, "a"s, "line\n\0more"s, std::string(100'000, 'x')}) {
    auto const path = folder / "file";
    put(path, content);
    CHECK(text_of(io::read_file(path)) == content);
    io::mapped_file file(path);
    CHECK(file.text() == content);
    io::mapped_file const moved(std::move(file));
    CHECK(moved.text() == content);
    CHECK(moved.bytes().size() == content.size());
  }
}

TEST_CASE("what cannot be mapped is read", "[io][file]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::string const content(20'000, 'p');
  REQUIRE(::write(ends[1], content.data(), content.size()) == 20'000);
  ::close(ends[1]);
  CHECK(io::mapped_file("/dev/fd/" + std::to_string(ends[0])).text() == content);
  ::close(ends[0]);
  // Files of /proc say that they are empty.
  if (std::filesystem::exists("/proc/self/status")) CHECK(!io::read_file("/proc/self/status").empty());
  if (std::filesystem::exists("/proc/self/status")) CHECK(!io::mapped_file("/proc/self/status").bytes().empty());
}

TEST_CASE("a file that cannot be read is an error with the system's reason", "[io][file]") {
  softf1_test::temp_directory const folder;
  std::string const missing = folder / "missing", directory = folder.path();
  CHECK(error_of([&] { io::read_file(missing, "who"); }) ==
        "who: cannot open " + missing + ": no such file or directory");
  CHECK(error_of([&] { io::mapped_file file(directory); }) ==
        "mapped_file: cannot read " + directory + ": is a directory");
}

TEST_CASE("a file is written atomically", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "file";
  for (std::string const& content : {"first"s, ""s, std::string(200'000, 'y'), "second"s}) {
    softf1::write_atomically(path, content);
    CHECK(get(path) == content);
    CHECK(count_files(folder.path()) == 1);
  }
  softf1::write_atomically(path, [](io::atomic_writer& writer) {
    for (int k = 0; k < 30'000; ++k) writer.write("abcde");
    writer.rewrite_beginning("AB");
    CHECK(!writer.is_direct());
  });
  CHECK(get(path).size() == 150'000);
  CHECK(get(path).substr(0, 7) == "ABcdeab");
}

TEST_CASE("a name as long as the file system allows is written", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / std::string(255, 'n');
  softf1::write_atomically(path, "x");
  CHECK(get(path) == "x");
}

TEST_CASE("until the commit, the target is as it was", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "file";
  put(path, "old");
  {
    io::atomic_writer writer(path);
    writer.write(std::string(100'000, 'z'));
    CHECK(get(path) == "old");
    CHECK(count_files(folder.path()) == 2);
    io::atomic_writer const moved(std::move(writer));
  }
  CHECK(count_files(folder.path()) == 1);
  auto const fail = [](io::atomic_writer& writer) {
    writer.write("new");
    throw std::runtime_error("stop");
  };
  CHECK_THROWS_AS(softf1::write_atomically(path, fail), std::runtime_error);
  CHECK(get(path) == "old");
  CHECK(count_files(folder.path()) == 1);
}

TEST_CASE("a disk that is full leaves nothing behind", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "file";
  put(path, "old");
  // Once on commit, from the buffer, and once on the way, from a write that goes past the buffer.
  for (std::size_t size : {2000u, 200'000u}) {
    std::string text, later;
    {
      file_size_limit const limit(1000);
      io::atomic_writer writer(path, "who");
      text = error_of([&] {
        writer.write(std::string(size, 'z'));
        writer.commit();
      });
      later = error_of([&] { writer.commit(); });
    }
    CHECK(text == "who: cannot write " + path.string() + ": file too large");
    CHECK(part_of(later, "cannot write") == "cannot write");
    CHECK(count_files(folder.path()) == 1);
    CHECK(get(path) == "old");
  }
  if (std::filesystem::exists("/dev/full")) {
    CHECK(error_of([] { softf1::write_atomically("/dev/full", "x"); }) ==
          "write_atomically: cannot write /dev/full: no space left on device");
    std::filesystem::create_symlink("/dev/full", folder / "full");
    CHECK(part_of(error_of([&] { softf1::write_atomically(folder / "full", "x"); }), "no space left on device") ==
          "no space left on device");
    CHECK(std::filesystem::is_symlink(folder / "full"));
  }
}

TEST_CASE("a target that cannot be written is an error with the system's reason", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  put(folder / "file", "old");
  std::filesystem::create_directory(folder / "directory");
  std::filesystem::create_symlink("loop", folder / "loop");
  struct {
    char const *target, *reason;
  } const cases[] = {
      {"missing/file", "no such file or directory"},
      {"file/below", "not a directory"},
      {"directory", "is a directory"},
      {"directory/", "is a directory"},
      {"loop", "too many levels of symbolic links"},
      {"missing/", "no such file or directory"},
  };
  for (auto const& c : cases) {
    std::string const path = folder / c.target;
    CHECK(error_of([&] { softf1::write_atomically(path, "x", "who"); }) ==
          "who: cannot write " + path + ": " + c.reason);
  }
  if (::geteuid() != 0) {
    std::filesystem::permissions(folder / "file", std::filesystem::perms::owner_read);
    CHECK(part_of(error_of([&] { softf1::write_atomically(folder / "file", "x"); }), "permission denied") ==
          "permission denied");
  }
  CHECK(get(folder / "file") == "old");
  CHECK(count_files(folder.path()) == 3);
  CHECK(count_files(folder / "directory") == 0);
}

TEST_CASE("permissions of a target are kept, new files have the usual ones", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  auto const perms = [&](char const* name) { return std::filesystem::status(folder / name).permissions(); };
  put(folder / "usual", "");
  softf1::write_atomically(folder / "new", "x");
  CHECK(perms("new") == perms("usual"));
  std::filesystem::permissions(folder / "usual", std::filesystem::perms{0640});
  softf1::write_atomically(folder / "usual", "x");
  CHECK(perms("usual") == std::filesystem::perms{0640});
}

TEST_CASE("a symbolic link stays one, its file is replaced", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  std::filesystem::create_directory(folder / "below");
  put(folder / "below/file", "old");
  std::filesystem::create_symlink("below/file", folder / "link");
  std::filesystem::create_symlink("link", folder / "second");
  std::filesystem::create_symlink("below/created", folder / "dangling");
  softf1::write_atomically(folder / "second", "new");
  CHECK(get(folder / "below/file") == "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(std::filesystem::is_symlink(folder / "second"));
  softf1::write_atomically(folder / "dangling", "made");
  CHECK(get(folder / "below/created") == "made");
  CHECK(count_files(folder / "below") == 2);
}

TEST_CASE("pipes and open descriptors are written directly", "[io][atomic_writer]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  std::string const name = "/dev/fd/" + std::to_string(ends[1]);
  softf1::write_atomically(name, "hello");
  {
    io::atomic_writer writer(name);
    CHECK(writer.is_direct());
    CHECK(part_of(error_of([&] { writer.rewrite_beginning("x"); }), "illegal seek") == "illegal seek");
    CHECK(part_of(error_of([&] { writer.commit(); }), "bad file descriptor") == "bad file descriptor");
  }
  ::close(ends[1]);
  CHECK(text_of(io::read_file("/dev/fd/" + std::to_string(ends[0]))) == "hello");
  ::close(ends[0]);
}

TEST_CASE("an open file is continued, not written over", "[io][atomic_writer]") {
  softf1_test::temp_directory const folder;
  auto const path = folder / "log";
  int const number = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::write(number, "before ", 7) == 7);
  softf1::write_atomically("/dev/fd/" + std::to_string(number), "after");
  ::close(number);
  CHECK(get(path) == "before after");
}

}  // namespace io_file_test
