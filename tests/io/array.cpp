#include <softf1/io/array.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <softf1/io/make_array.hpp>

#include "io/files.hpp"
#include "support/catch.hpp"

namespace io_array_test {

using namespace softf1_io_test;
namespace io = softf1::io;
using softf1::value_error;

constexpr auto row_major = io::storage_order::row_major;
constexpr auto column_major = io::storage_order::column_major;

template <class T>
io::array borrowed(std::vector<T> const& values, std::vector<std::size_t> shape, io::storage_order order) {
  return {io::dtype_of<T>, std::move(shape), order, std::as_bytes(std::span(values)), nullptr};
}

template <class To, class From>
bool converts(From value, To expected) {
  auto const got = io::make_array(std::vector<From>{value}, {1}).template as<To>();
  return got[0] == expected || (std::isnan(double(got[0])) && std::isnan(double(expected)));
}

template <class To, class From>
std::string refusal(From value) {
  return error_of<value_error>([&] { io::make_array(std::vector<From>{value}, {1}).template as<To>("who"); });
}

TEST_CASE("every element type has a name, a size and a type", "[io][array]") {
  CHECK(io::dtype_of<bool> == io::dtype::boolean);
  CHECK(io::dtype_of<char> == (std::numeric_limits<char>::is_signed ? io::dtype::i8 : io::dtype::u8));
  CHECK(io::dtype_of<long long> == io::dtype::i64);
  CHECK(io::dtype_of<unsigned const> == io::dtype::u32);
  CHECK(io::dtype_of<softf1::half> == io::dtype::f16);
  CHECK(io::dtype_of<softf1::bfloat16> == io::dtype::bf16);
  std::string names;
  for (int k = 0; k < 13; ++k) {
    auto const type = static_cast<io::dtype>(k);
    names += std::string(io::name_of(type)) + std::to_string(io::size_of(type)) + " ";
    io::visit_dtype(type, [&]<class T>(std::type_identity<T>) {
      CHECK(sizeof(T) == io::size_of(type));
      CHECK((io::dtype_of<T> == type || type == io::dtype::boolean));
    });
  }
  CHECK(names == "bool1 u81 i81 u162 i162 u324 i324 u648 i648 f162 bf162 f324 f648 ");
}

TEST_CASE("conversion keeps the value or refuses", "[io][array]") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  CHECK(converts<float>(0.1, 0.1f));
  CHECK(converts<float>(nan, std::nanf("")));
  CHECK(converts<float>(-inf, -std::numeric_limits<float>::infinity()));
  CHECK(converts<double>(std::uint64_t{1} << 63, 0x1p63));
  CHECK(converts<double>(softf1::half(0.5f), 0.5));
  CHECK(converts<softf1::bfloat16>(1.0, softf1::bfloat16(1.0f)));
  CHECK(converts<softf1::half>(std::uint16_t{2048}, softf1::half(2048.0f)));
  CHECK(converts<std::uint8_t>(255.0f, std::uint8_t{255}));
  CHECK(converts<std::uint8_t>(-0.0f, std::uint8_t{0}));
  CHECK(converts<std::int64_t>(-0x1p63, std::numeric_limits<std::int64_t>::min()));
  CHECK(converts<std::int8_t>(std::uint64_t{127}, std::int8_t{127}));
  CHECK(refusal<std::uint8_t>(std::int64_t{256}) ==
        "who: the value at row 0, column 0 is 256, expected an integer from 0 to 255");
  CHECK(refusal<float>(1e39) ==
        "who: the value at row 0, column 0 is 1e+39, expected a number within the range of f32");
  CHECK(part_of(refusal<softf1::half>(65520.0f), "is 65520, expected a number within the range of f16") ==
        "is 65520, expected a number within the range of f16");
  CHECK(part_of(refusal<std::uint8_t>(0.5f), "is 0.5, expected an integer") == "is 0.5, expected an integer");
  CHECK(part_of(refusal<std::uint8_t>(-1), "is -1,") == "is -1,");
  CHECK(part_of(refusal<std::uint8_t>(256.0), "is 256,") == "is 256,");
  CHECK(part_of(refusal<std::int8_t>(-129.0), "is -129,") == "is -129,");
  CHECK(part_of(refusal<std::int32_t>(nan), "is nan,") == "is nan,");
  CHECK(part_of(refusal<std::int64_t>(inf), "is inf,") == "is inf,");
  CHECK(part_of(refusal<std::int64_t>(0x1p63), "expected an integer from -9223372036854775808") ==
        "expected an integer from -9223372036854775808");
  CHECK(part_of(refusal<std::uint64_t>(0x1p64), "expected an integer from 0 to 18446744073709551615") ==
        "expected an integer from 0 to 18446744073709551615");
  CHECK(part_of(refusal<std::int64_t>(std::uint64_t{1} << 63), "is 9223372036854775808,") == "is 9223372036854775808,");
}

TEST_CASE("a refused value is named by its place", "[io][array]") {
  std::vector<int> values(24);
  values[17] = 300;
  auto const refused = [&](std::vector<std::size_t> shape, io::storage_order order) {
    return error_of<value_error>([&] { borrowed(values, shape, order).as<std::uint8_t>(); });
  };
  CHECK(part_of(refused({24}, row_major), "row 17, column 0 is 300") == "row 17, column 0 is 300");
  CHECK(part_of(refused({6, 4}, row_major), "row 4, column 1 is 300") == "row 4, column 1 is 300");
  CHECK(part_of(refused({6, 4}, column_major), "row 5, column 2 is 300") == "row 5, column 2 is 300");
  CHECK(part_of(refused({2, 3, 4}, row_major), "index (1, 1, 1) is 300") == "index (1, 1, 1) is 300");
  CHECK(part_of(refused({2, 3, 4}, column_major), "index (1, 2, 2) is 300") == "index (1, 2, 2) is 300");
}

TEST_CASE("column-major elements are given row by row", "[io][array]") {
  // A value tells its own index: 1000 i + 100 j + 10 k + l.
  std::vector<std::vector<std::size_t>> const shapes = {{3, 2}, {1, 5}, {700, 3}, {2, 3, 4}, {4, 1, 2},   {2, 3, 2, 2},
                                                        {0, 4}, {4, 0}, {5},      {},        {1, 1, 1, 1}};
  for (auto const& shape : shapes) {
    std::size_t size = 1;
    for (auto n : shape) size *= n;
    std::vector<std::uint32_t> by_columns, by_rows(size);
    for (std::size_t at = 0; at < size; ++at) {
      std::size_t rest = at, row_position = 0, value = 0;
      for (auto n : shape) {
        row_position = row_position * n + rest % n;
        value = value * 10 + rest % n;
        rest /= n;
      }
      by_columns.push_back(static_cast<std::uint32_t>(value));
      by_rows[row_position] = static_cast<std::uint32_t>(value);
    }
    auto const a = borrowed(by_columns, shape, column_major);
    CHECK(a.as<std::uint32_t>() == by_rows);
    if (shape.size() > 2) continue;
    auto const view = a.view<std::uint32_t>();
    bool same = view.rows() * view.cols() == size;
    for (std::size_t i = 0; i < view.rows(); ++i)
      for (std::size_t j = 0; j < view.cols(); ++j) same = same && view(i, j) == by_rows[i * view.cols() + j];
    CHECK(same);
  }
}

TEST_CASE("an absurd but empty shape costs nothing", "[io][array]") {
  CHECK(borrowed(std::vector<float>{}, {std::size_t{1} << 60, 0}, column_major).as<float>().empty());
}

TEST_CASE("a view is of the elements' type and rank", "[io][array]") {
  auto const a = io::make_array(std::vector<float>{1, 2, 3, 4, 5, 6}, {3, 2});
  CHECK(a.view<float>().data() == static_cast<void const*>(a.bytes().data()));
  CHECK(a.view<float>()(2, 1) == 6);
  CHECK(a.rows() == 3);
  CHECK(a.cols() == 2);
  CHECK(error_of<value_error>([&] { a.view<double>("who"); }) ==
        "who: elements must be f64, got f32: convert them with as()");
  auto const cube = io::make_array(std::vector<std::uint8_t>(24), {2, 3, 4});
  CHECK(cube.cols() == 12);
  CHECK(cube.view<std::uint8_t, 3>().stride(0) == 12);
  CHECK(error_of<softf1::shape_error>([&] { cube.view<std::uint8_t>("who"); }) ==
        "who: expected 2 dimensions, got shape (2, 3, 4)");
  auto const vector = io::make_array(std::vector<double>{1, 2}, {2});
  CHECK(vector.view<double>().shape() == std::array<std::size_t, 2>{2, 1});
  CHECK(vector.view<double, 1>()(1) == 2);
  auto const scalar = io::make_array(std::vector<double>{7}, {});
  CHECK(scalar.view<double>()(0, 0) == 7);
  io::array const booleans(io::dtype::boolean, {24}, row_major, cube.bytes(), nullptr);
  CHECK(booleans.holds<std::uint8_t>());
  CHECK(!cube.holds<bool>());
  CHECK(io::array().as<float>().empty());
}

TEST_CASE("an array is made of as many bytes as it says", "[io][array]") {
  CHECK(error_of<softf1::shape_error>([] { io::make_array(std::vector<float>(5), {2, 3}); }) ==
        "array: shape (2, 3) of f32 needs 24 bytes, got 20");
  alignas(8) std::array<std::byte, 9> const bytes{};
  CHECK(contains(error_of<softf1::shape_error>(
                     [&] { io::array(io::dtype::f64, {1}, row_major, std::span(bytes).subspan(1), nullptr); }),
                 "must be aligned to 8 bytes"));
}

/// The shape of an xtensor: data(), shape() and strides().
struct structural {
  std::vector<int> storage;
  std::array<std::size_t, 2> extents;
  std::array<std::ptrdiff_t, 2> steps;
  int const* data() const { return storage.data(); }
  auto const& shape() const { return extents; }
  auto const& strides() const { return steps; }
};

TEST_CASE("memory is borrowed where it is dense and copied where not", "[io][array]") {
  std::vector<int> const values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  auto const is_borrowed = [&](io::array const& a) { return a.owner() == nullptr; };
  auto const vector = io::borrow_array(values);
  CHECK(is_borrowed(vector));
  CHECK(vector.shape() == std::vector<std::size_t>{12});
  auto const rows = io::borrow_array(softf1::matrix_view<int const>(values.data(), 3, 4));
  CHECK(is_borrowed(rows));
  CHECK(rows.order() == row_major);
  auto const columns = io::borrow_array(softf1::matrix_view<int const>(values.data(), 3, 4, 1, 3));
  CHECK(is_borrowed(columns));
  CHECK(columns.order() == column_major);
  CHECK(columns.as<int>() == std::vector<int>{0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11});
  auto const every_other = io::borrow_array(softf1::matrix_view<int const>(values.data() + 11, 2, 3, -6, -2));
  CHECK(!is_borrowed(every_other));
  CHECK(every_other.as<int>() == std::vector<int>{11, 9, 7, 5, 3, 1});
  // xtensor gives dimensions of extent 1 the stride 0.
  CHECK(is_borrowed(io::borrow_array(structural{values, {12, 1}, {1, 0}})));
  CHECK(io::borrow_array(structural{values, {2, 2}, {4, 3}}).as<int>() == std::vector<int>{0, 3, 4, 7});
  CHECK(io::borrow_array(structural{values, {2, 2}, {0, 1}}).as<int>() == std::vector<int>{0, 1, 0, 1});
  CHECK(io::borrow_array(structural{values, {0, 2}, {5, 5}}).shape() == std::vector<std::size_t>{0, 2});
}

}  // namespace io_array_test
