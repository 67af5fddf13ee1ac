// Labels as COCO, VOC and lists of images have them.
#include <softf1/data/coco.hpp>
#include <softf1/data/image_lists.hpp>
#include <softf1/data/voc.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_coco(path); });
  softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_voc_rows(path); });
  return softf1_fuzz::try_bytes(data, size, [](std::string const& path) { softf1::read_image_lists(path, path); });
}
