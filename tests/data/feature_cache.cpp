#include <softf1/data/feature_cache.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <softf1/core/hash.hpp>
#include <softf1/data/features.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace data_feature_cache_test {

using namespace softf1_io_test;
namespace data = softf1::data;
using data::feature_cache;
using data::file_stamp;
using row = std::vector<float>;

constexpr std::size_t dimension = 3;

/// Features that differ in every row.
row features(std::size_t k, std::size_t n = dimension) {
  row values(n);
  for (std::size_t j = 0; j < n; ++j) values[j] = static_cast<float>(k) + static_cast<float>(j) / 8;
  return values;
}
std::string id(std::size_t k) { return "img/" + std::to_string(k) + ".jpg"; }
file_stamp stamp(std::size_t k) { return {static_cast<std::int64_t>(100 + k), static_cast<std::int64_t>(7 * k + 1)}; }

bool has(feature_cache const& cache, std::size_t k) {
  auto const found = cache.find(id(k), stamp(k));
  return row(found.begin(), found.end()) == features(k);
}
void add(feature_cache& cache, std::size_t k) { cache.append(id(k), stamp(k), features(k)); }

/// A folder and the files of the cache with the key "k" in it.
struct place {
  softf1_test::temp_directory folder;
  std::string directory = (folder / "cache").string();
  std::string stem = directory + "/features_" + hash("k");
  std::string file = stem + ".safetensors";
  std::string journal = stem + ".journal";

  static std::string hash(std::string_view key) {
    softf1::hasher h;
    h.add(key);
    return h.hex();
  }
  feature_cache open(std::size_t d = dimension) const { return feature_cache(directory, "k", d); }
  /// The bytes of a journal of n rows, which stays in its place as a killed extraction leaves it.
  std::string journal_of(std::size_t n) const {
    std::filesystem::remove(journal);
    auto cache = open();
    for (std::size_t k = 0; k < n; ++k) add(cache, k);
    return get(journal);
  }
};

TEST_CASE("rows are found at once, after a commit and in the file", "[feature_cache]") {
  place const p;
  {
    feature_cache cache(p.directory, "k", dimension, {{"network", "tiny"}});
    CHECK(cache.path() == p.file);
    CHECK(cache.rows() == 0);
    CHECK(!std::filesystem::exists(p.journal));
    for (std::size_t const k : {2u, 0u, 10u, 1u}) add(cache, k);
    CHECK(cache.rows() == 4);
    CHECK(has(cache, 10));
    CHECK(cache.find("other", stamp(1)).empty());
    CHECK(!std::filesystem::exists(p.file));
    cache.commit();
    CHECK(has(cache, 10));
    CHECK(std::filesystem::exists(p.file));
    CHECK(count_files(p.directory) == 1);
    add(cache, 3);
    CHECK(std::filesystem::exists(p.journal));
    cache.commit();
  }
  auto const cache = p.open();
  CHECK(cache.rows() == 5);
  for (std::size_t const k : {0u, 1u, 2u, 3u, 10u}) CHECK(has(cache, k));
  auto const rows = data::read_features(p.file);
  CHECK(rows.ids == std::vector<std::string>{id(0), id(1), id(10), id(2), id(3)});
  CHECK(row(rows.values.begin() + 6, rows.values.begin() + 9) == features(10));
  CHECK(rows.metadata == std::map<std::string, std::string>{{"key", "k"}, {"network", "tiny"}});
  auto const stamps = softf1::io::safetensors_file(p.file).tensor("stamps");
  CHECK(stamps.as<std::int64_t>() == std::vector<std::int64_t>{100, 1, 101, 8, 110, 71, 102, 15, 103, 22});
}

TEST_CASE("the same rows give the same bytes, in whatever order and portions they came", "[feature_cache]") {
  std::string first;
  for (auto const& order : {std::vector<std::size_t>{0, 1, 2, 3}, {3, 1, 0, 2}}) {
    for (std::size_t const commit_after : {std::size_t{1}, std::size_t{3}, std::size_t{9}}) {
      place const p;
      auto cache = p.open();
      for (std::size_t i = 0; i < order.size(); ++i) {
        add(cache, order[i]);
        if (i + 1 == commit_after) cache.commit();
      }
      cache.commit();
      if (first.empty()) first = get(p.file);
      CHECK(get(p.file) == first);
    }
  }
}

TEST_CASE("a commit without new rows leaves the file alone", "[feature_cache]") {
  place const p;
  {
    auto cache = p.open();
    cache.commit();
    CHECK(data::read_features(p.file).rows() == 0);
  }
  put(p.file + "2", get(p.file));
  std::filesystem::rename(p.file + "2", p.file);
  auto const before = data::stamp_of(p.file);
  auto cache = p.open();
  cache.commit();
  CHECK(data::stamp_of(p.file) == before);
  CHECK(count_files(p.directory) == 1);
}

TEST_CASE("a row whose file changed is unknown until it is replaced", "[feature_cache]") {
  place const p;
  file_stamp const changed{100, 2};
  {
    auto cache = p.open();
    add(cache, 0);
    auto const old = cache.find(id(0), stamp(0));
    CHECK(cache.find(id(0), changed).empty());
    cache.append(id(0), changed, features(50));
    CHECK(cache.rows() == 1);
    CHECK(cache.find(id(0), stamp(0)).empty());
    CHECK(cache.find(id(0), changed)[0] == 50);
    CHECK(old[0] == 0);
  }
  {
    auto cache = p.open();  // from the journal: the last row of an id counts
    CHECK(cache.find(id(0), changed)[0] == 50);
    cache.commit();
    add(cache, 0);
    cache.commit();
  }
  auto const cache = p.open();
  CHECK(cache.rows() == 1);
  CHECK(has(cache, 0));
}

TEST_CASE("an extraction that is killed loses no row that it had appended", "[feature_cache]") {
  place const p;
  {
    auto cache = p.open();
    add(cache, 0);
    cache.commit();
  }
  for (std::size_t const round : {std::size_t{1}, std::size_t{2}}) {
    pid_t const child = ::fork();
    if (child == 0) {
      try {
        auto cache = p.open();
        for (std::size_t k = 0; k < 20; ++k) add(cache, 20 * round + k);
        ::kill(::getpid(), SIGKILL);
      } catch (...) {
      }
      ::_exit(1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    auto const cache = p.open();
    CHECK(cache.dropped_bytes() == 0);
    CHECK(cache.rows() == 1 + 20 * round);
    for (std::size_t k = 0; k < 20 * round; ++k) CHECK(has(cache, 20 + k));
  }
}

TEST_CASE("a journal that was cut or damaged at any byte gives the rows before", "[feature_cache]") {
  place const p;
  auto const two = p.journal_of(2), three = p.journal_of(3);
  REQUIRE(three.starts_with(two));
  auto const check = [&](std::string const& bytes) {
    put(p.journal, bytes);
    {
      auto cache = p.open();
      CHECK(cache.rows() == 2);
      CHECK(has(cache, 1));
      CHECK(cache.dropped_bytes() == bytes.size() - two.size());
      CHECK(get(p.journal) == two);
      add(cache, 7);
    }
    auto const cache = p.open();
    CHECK(cache.rows() == 3);
    CHECK(has(cache, 7));
    CHECK(cache.dropped_bytes() == 0);
  };
  for (std::size_t length = two.size(); length < three.size(); ++length) check(three.substr(0, length));
  for (std::size_t at = two.size(); at < three.size(); ++at) {
    auto damaged = three;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    check(damaged);
  }
  check(two + std::string(4096, '\0'));
  check(two + std::string(100, '\xff'));
}

TEST_CASE("a journal with a torn header, another dimension or another key is replaced", "[feature_cache]") {
  place const p;
  auto const bytes = p.journal_of(2);
  for (std::size_t length = 0; length < 24; ++length) {
    put(p.journal, bytes.substr(0, length));
    auto cache = p.open();
    CHECK(cache.rows() == 0);
    CHECK(cache.dropped_bytes() == length);
    add(cache, 5);
    CHECK(has(cache, 5));
  }
  put(p.journal, bytes);
  {
    auto cache = p.open(dimension + 1);
    CHECK(cache.rows() == 0);
    cache.append("a", {}, features(1, dimension + 1));
  }
  CHECK(p.open(dimension + 1).rows() == 1);
  auto other = bytes;
  other[16] = static_cast<char>(other[16] ^ 1);  // the key's hash
  put(p.journal, other);
  CHECK(p.open().rows() == 0);
  CHECK(!std::filesystem::exists(p.journal));
}

TEST_CASE("caches of other keys do not know each other", "[feature_cache]") {
  place const p;
  auto one = p.open();
  feature_cache two(p.directory, "another key", dimension);
  add(one, 1);
  add(two, 2);
  CHECK(one.path() != two.path());
  CHECK(!has(two, 1));
  one.commit();
  two.commit();
  CHECK(count_files(p.directory) == 2);
}

TEST_CASE("two extractions cannot share a cache", "[feature_cache]") {
  place const p;
  auto const in_use = "feature_cache: " + p.journal + ": the cache is in use by another extraction";
  auto early = p.open();
  std::optional<feature_cache> first(p.open());
  add(*first, 0);
  CHECK(error_of([&] { p.open(); }) == in_use);
  CHECK(error_of([&] { add(early, 1); }) == in_use);
  CHECK(early.rows() == 0);
  first->commit();
  CHECK(p.open().rows() == 1);
  CHECK(error_of([&] { add(early, 1); }) ==
        "feature_cache: " + p.file + ": another extraction has replaced the file meanwhile; open the cache anew");
  CHECK(!std::filesystem::exists(p.journal));

  // What a killed extraction left since then is taken over.
  auto late = p.open();
  {
    auto killed = p.open();
    add(killed, 5);
  }
  add(late, 6);
  CHECK(late.rows() == 3);
  CHECK(has(late, 5));
}

TEST_CASE("a damaged file of a cache is refused, and the journal kept", "[feature_cache]") {
  place const p;
  auto const journal = p.journal_of(2);
  {
    auto cache = p.open();
    cache.commit();
  }
  auto const bytes = get(p.file);
  put(p.journal, journal);
  auto const refused = [&] {
    auto const text = error_of([&] { p.open(); });
    return contains(text, p.file) && contains(text, "; delete the file to compute its features anew");
  };
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    put(p.file, bytes.substr(0, length));
    CHECK(refused());
  }
  CHECK(get(p.journal) == journal);
  data::feature_rows rows{.ids = {"a"}, .dimension = dimension, .values = features(1), .metadata = {}};
  std::string const who = "feature_cache: " + p.file + ": ";
  std::string const end = "; delete the file to compute its features anew";
  auto const sentence_of = [&] {
    data::write_features(p.file, rows);
    return error_of([&] { p.open(); });
  };
  CHECK(sentence_of() == who + "expected metadata 'key', got none" + end);
  rows.metadata["key"] = "j";
  CHECK(sentence_of() == who + "the key must be 'k', got 'j'" + end);
  rows.metadata["key"] = "k";
  CHECK(sentence_of() == who + "expected a tensor 'stamps', got none" + end);
  rows.dimension = 1;
  rows.values.resize(1);
  CHECK(sentence_of() == who + "a row must have 3 features, got 1" + end);
  std::filesystem::remove(p.file);
  CHECK(p.open().rows() == 2);
}

TEST_CASE("a cache refuses what it cannot keep", "[feature_cache]") {
  place const p;
  using softf1::value_error;
  auto const make = [&](std::string key, std::size_t d, std::map<std::string, std::string> metadata) {
    return error_of<value_error>([&] { feature_cache(p.directory, key, d, metadata); });
  };
  CHECK(make("k", 0, {}) == "feature_cache: dimension must be positive, got 0");
  CHECK(make("k", 1, {{"key", "x"}}) == "feature_cache: metadata must not be named 'key'");
  CHECK(make("\xff", 1, {}) == "feature_cache: metadata 'key' must be UTF-8");
  CHECK(make("k", 1, {{"note", "\xe4"}}) == "feature_cache: metadata 'note' must be UTF-8");
  CHECK(!std::filesystem::exists(p.directory));
  auto cache = p.open();
  CHECK(error_of<softf1::shape_error>([&] { cache.append("a", {}, features(0, 2)); }) ==
        "feature_cache: features must have shape (3,), got (2,)");
  put(p.folder / "plain", "");
  CHECK(contains(error_of([&] { feature_cache((p.folder / "plain").string(), "k", 1); }),
                 "feature_cache: cannot make the folder " + (p.folder / "plain").string()));
}

/// Files cannot grow beyond `bytes` while this lives.
class size_limit {
 public:
  explicit size_limit(std::size_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    ::rlimit const now{static_cast<rlim_t>(bytes), before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  size_limit(size_limit const&) = delete;
  ~size_limit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  ::rlimit before_{};
};

TEST_CASE("a row that does not fit on the disk is not added, and later ones are whole", "[feature_cache]") {
  place const p;
  auto const one = p.journal_of(1).size(), two = p.journal_of(2).size();
  std::filesystem::remove(p.journal);
  for (std::size_t limit = 0; limit < two; ++limit) {
    CAPTURE(limit);
    std::size_t const kept = limit >= one ? 1 : 0;
    {
      auto cache = p.open();
      std::string sentence;
      {
        size_limit const small(limit);
        sentence = error_of([&] {
          add(cache, 0);
          add(cache, 1);
        });
      }
      CHECK(sentence == "feature_cache: cannot write " + p.journal + ": file too large");
      CHECK(cache.rows() == kept);
      add(cache, 3);
    }
    auto const cache = p.open();
    CHECK(cache.rows() == kept + 1);
    CHECK(has(cache, 3));
    CHECK(cache.dropped_bytes() == 0);
    std::filesystem::remove(p.journal);
  }
}

TEST_CASE("a commit that does not fit on the disk changes nothing", "[feature_cache]") {
  place const p;
  auto cache = p.open();
  add(cache, 0);
  cache.commit();
  auto const before = get(p.file);
  add(cache, 1);
  std::string sentence;
  {
    size_limit const small(100);
    sentence = error_of([&] { cache.commit(); });
  }
  CHECK(contains(sentence, "cannot write " + p.file));
  CHECK(get(p.file) == before);
  CHECK(std::filesystem::exists(p.journal));
  cache.commit();
  CHECK(data::read_features(p.file).rows() == 2);
  CHECK(count_files(p.directory) == 1);
}

TEST_CASE("ten thousand rows take seconds at most", "[feature_cache]") {
  place const p;
  std::size_t const n = 10'000, d = 128;
  auto const begin = std::chrono::steady_clock::now();
  {
    auto cache = p.open(d);
    for (std::size_t k = 0; k < n; ++k) cache.append(id(k), stamp(k), features(k, d));
  }
  {
    auto cache = p.open(d);
    CHECK(cache.rows() == n);
    cache.commit();
  }
  auto const cache = p.open(d);
  std::size_t found = 0;
  for (std::size_t k = 0; k < n; ++k) found += cache.find(id(k), stamp(k)).size() == d;
  CHECK(found == n);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}

}  // namespace data_feature_cache_test
