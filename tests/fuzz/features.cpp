// Stored features, and the journal of an extraction: as it is, and behind a whole record.
#include <array>
#include <cstring>

#include <softf1/data/detail/feature_record.hpp>
#include <softf1/data/features.hpp>

#include "fuzz.hpp"

namespace {

namespace data = softf1::data::detail;

std::size_t records_of(std::string_view bytes, std::size_t dimension) {
  data::feature_record_reader reader(std::as_bytes(std::span(bytes)), dimension);
  std::size_t count = 0, taken = 0;
  for (data::feature_record record; reader.next(record); ++count) {
    taken += 40 + record.id.size() + record.values.size() - 8;
    if (record.values.size() != dimension * sizeof(float)) std::abort();
  }
  if (taken + reader.left() != bytes.size()) std::abort();
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  softf1_fuzz::try_bytes(bytes, size, [](std::string const& path) { softf1::read_features(path); });
  std::string_view const text(reinterpret_cast<char const*>(bytes), size);
  for (std::size_t const dimension : {0u, 1u, 3u}) {
    std::size_t const alone = records_of(text, dimension);
    std::array<float, 3> const values{1, 2, 3};
    std::string record;
    data::put_feature_record(record, text.substr(0, 20), {1, 2}, std::span(values).first(dimension));
    record += text;
    if (records_of(record, dimension) != alone + 1) std::abort();
  }
  return 0;
}
