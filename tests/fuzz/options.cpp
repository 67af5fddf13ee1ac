// What is chosen by name, `name:key=value,...+name`: what is read can be written, and reads as the same again.
#include <softf1/data/sampler.hpp>
#include <softf1/image/augment.hpp>
#include <softf1/image/crops.hpp>
#include <softf1/losses/objective.hpp>
#include <softf1/optimizers/schedule.hpp>
#include <softf1/training/groups.hpp>
#include <softf1/training/heads.hpp>

#include "fuzz.hpp"

namespace {

template <class Read>
void try_text(std::string const& text, Read const& read) {
  try {
    read(text);
  } catch (softf1::error const&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string const text(reinterpret_cast<char const*>(data), size);
  try_text(text, [](std::string const& t) {
    auto const once = to_text(softf1::parse_augmentation(t));
    if (to_text(softf1::parse_augmentation(once)) != once) std::abort();
  });
  try_text(text, [](std::string const& t) {
    auto const crops = softf1::parse_crops(t);
    if (!(softf1::parse_crops(to_text(crops)) == crops)) std::abort();
  });
  try_text(text, [](std::string const& t) { softf1::data::parse_sampling(t); });
  try_text(text, [](std::string const& t) { softf1::optimizers::schedule_named(t); });
  try_text(text, [](std::string const& t) { softf1::training::groups_named(t); });
  try_text(text, [](std::string const& t) { softf1::training::head_named(t, {7, 7, 32}, 5); });
  try_text(text, [](std::string const& t) { softf1::layers::initialiser_named(t); });
  return 0;
}
