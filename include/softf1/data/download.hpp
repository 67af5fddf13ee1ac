// Fetching the images of a table.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <softf1/data/detail/download_run.hpp>
#include <softf1/data/download_options.hpp>

namespace softf1::inline SOFTF1_ABI::data {

/// Fetches images over HTTP and HTTPS into a folder, which is made where it is missing; many at a time, with a few
/// connections to each host.
///
/// - The file of an item is named by its id: "ID.jpg", or "ID" where that ends in .jpg, .jpeg, .png, .bmp or .gif,
///   whatever the bytes are (decoding goes by the bytes). Characters but [A-Za-z0-9._-] and a leading dot become '_'.
///   Two ids of one name, or of names that differ in case alone, are a failure of the second. An id that stands in an
///   earlier item has that one's outcome.
/// - A file that is there and can be decoded is `present` and not fetched; nothing that exists is deleted or replaced.
///   A file gets its name when it is whole and has been decoded: a run that was stopped leaves no parts and can be
///   repeated.
/// - Timeouts, failed connections, bodies that end early, images that begin well and do not decode, and the status
///   codes 408, 429 and 5xx are tried again after a pause that doubles (backoff · 2^k · u, u uniform in [0.5, 1));
///   where the server states a pause (Retry-After), its whole host rests as long, up to max_pause. All else fails at
///   once: other status codes, HTML pages, too large bodies, bytes that are no image.
/// - Only http and https are spoken, also after redirects; certificates are checked. Addresses that are not of the
///   public internet (private, loopback, link-local, multicast …) are refused when a connection is made, so that
///   neither names nor redirects lead there. No cookies, no user names or passwords in URLs, and no proxies, also where
///   the environment names one: a proxy connects to addresses that cannot be looked at here.
///
/// Returns an outcome for each item. Throws value_error for options out of their range, io_error where the folder or a
/// file cannot be written (images stored before remain), backend_error where libcurl fails. Callbacks run in the calling
/// thread. Memory: the images in flight, at most jobs · max_bytes and one that is decoded.
inline download_result download_images(std::vector<download_item> const& items, std::string const& folder,
                                       download_options const& options = {}) {
  return detail::download_run(items, folder, options).run();
}

}  // namespace softf1::inline SOFTF1_ABI::data

namespace softf1::inline SOFTF1_ABI {
using data::download_images;
}
