// Whole .npy files (numpy.save, numpy.load).
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/detail/elements.hpp>
#include <softf1/io/detail/npy_header.hpp>
#include <softf1/io/file.hpp>
#include <softf1/io/make_array.hpp>

namespace softf1::inline SOFTF1_ABI::io {

namespace detail {

inline array npy_array(std::span<std::byte const> file, std::shared_ptr<void const> owner, std::string_view who,
                       std::string_view path) {
  auto header = read_npy_header(file, who, path);
  auto const data = file.subspan(header.data_begin);
  if (header.type == dtype::boolean) check_booleans(data, header.data_begin, who, path);
  return array_on_bytes(header.type, header.swapped, std::move(header.shape), header.order, data, std::move(owner));
}

inline void require_npy_dtype(dtype type, std::string_view who, std::string_view path) {
  if (type == dtype::bf16)
    throw value_error(std::string(who) + ": " + std::string(path) + ": .npy has no bf16: write f32 or f16");
}

}  // namespace detail

/// Reads a .npy file into memory: format versions 1.0 to 3.0, any number of dimensions, C or Fortran order, either byte
/// order, dtypes bool, (u)int8 … (u)int64, float16, float32, float64.
/// Throws io_error naming file and byte for everything else. Cost: one pass over the file.
inline array read_npy(std::string const& path) {
  auto const owner = std::make_shared<std::vector<std::byte> const>(read_file(path, "read_npy"));
  return detail::npy_array(*owner, owner, "read_npy", path);
}

/// The same without reading: elements stay in the file until they are touched (the other byte order is copied). The
/// file must not be shortened while the array or a copy of it lives.
inline array map_npy(std::string const& path) {
  auto const owner = std::make_shared<mapped_file const>(path, "map_npy");
  return detail::npy_array(owner->bytes(), owner, "map_npy", path);
}

/// Writes an array, whole or not at all, in its own order. Throws io_error where the system cannot store it,
/// value_error for bf16, which the format does not have.
inline void write_npy(std::string const& path, array const& values) {
  detail::require_npy_dtype(values.type(), "write_npy", path);
  write_atomically(
      path,
      [&](atomic_writer& writer) {
        writer.write(detail::npy_header_text(values.type(), values.order(), values.shape()));
        writer.write(values.bytes());
      },
      "write_npy");
}

/// Writes a view with any strides, a vector, span or other array with data(), shape() and strides(). Dense data are
/// written from where they lie, column-major ones in Fortran order; others are copied once.
template <class X>
  requires viewable<X>
void write_npy(std::string const& path, X const& values) {
  write_npy(path, borrow_array(values));
}

}  // namespace softf1::inline SOFTF1_ABI::io

namespace softf1::inline SOFTF1_ABI {
using io::map_npy;
using io::read_npy;
using io::write_npy;
}  // namespace softf1::inline SOFTF1_ABI
