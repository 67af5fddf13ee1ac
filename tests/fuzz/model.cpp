// A model's description, in JSON.
#include <softf1/models/model.hpp>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  softf1::io::json_value form;
  try {
    form = softf1::io::parse_json({reinterpret_cast<char const*>(data), size});
  } catch (nlohmann::json::exception const&) {
    return 0;
  }
  try {
    softf1::models::detail::model_from_json(form, "fuzz");
  } catch (softf1::error const&) {
  }
  return 0;
}
