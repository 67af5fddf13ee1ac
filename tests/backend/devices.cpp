// Typed over softf1::cuda alone, where SOFTF1_TEST_BACKENDS has it.
#include "support/backends.hpp"

#if defined(SOFTF1_DEVICE_CODE)

#include <softf1/backend/context.hpp>

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/errors.hpp"

TEMPLATE_TEST_CASE("every device that is found has a context", "[backend][devices]", softf1::cuda) {
  auto const found = softf1::find_devices();
  INFO(found.why_none);
  REQUIRE_FALSE(found.devices.empty());
  CHECK(found.why_none.empty());
  for (std::size_t k = 0; k < found.devices.size(); ++k) {
    auto const& device = found.devices[k];
    CHECK(device.number == static_cast<int>(k));
    CHECK_FALSE(device.name.empty());
#if defined(SOFTF1_DEVICE_CUDA)
    CHECK(device.architecture.starts_with("sm_"));
    CHECK((device.free > 0 && device.free <= device.memory));
#else
    CHECK(device.architecture == softf1::device_system);
#endif
    softf1::context<TestType> ctx({.device = device.number, .seed = 3});
    CHECK(ctx.device() == device.number);
    CHECK(ctx.seed() == 3);
    CHECK(softf1::backend_name(ctx) == softf1::device_system);
    std::vector<int> const numbers{1, 2, 3};
    CHECK(softf1_test::download(ctx, softf1_test::upload(ctx, numbers)) == numbers);
    ctx.synchronise();
  }
}

TEMPLATE_TEST_CASE("a device that is not there is named", "[backend][devices][errors]", softf1::cuda) {
  std::size_t const count = softf1::find_devices().devices.size();
  std::string const there = count == 1 ? "there is 1" : "there are " + std::to_string(count);
  for (int number : {99, -1}) {
    auto const text =
        softf1_test::error_text<softf1::backend_error>([&] { softf1::context<TestType>({.device = number}); });
    CHECK(text == std::string(softf1::device_system) + ": there is no device " + std::to_string(number) + ", " + there +
                      ", counted from 0");
  }
}

#endif
