// A model's description, in JSON, and the arrays that its head asks for.
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
    auto const m = softf1::models::detail::model_from_json(form, "fuzz");
    softf1::models::layout_of(m.input, m.head);
  } catch (softf1::error const&) {
  }
  return 0;
}
