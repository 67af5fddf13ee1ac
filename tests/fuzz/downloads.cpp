// What is to be downloaded: tables of URLs, and the URLs, as libcurl takes them apart.
// needs: libcurl
#include <softf1/data/detail/download_transfer.hpp>
#include <softf1/data/download_table.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const parsed = softf1::data::detail::parse_url(std::string(reinterpret_cast<char const*>(data), size));
  if (parsed.reason.empty() && parsed.host.empty()) std::abort();
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_download_items(path); });
}
