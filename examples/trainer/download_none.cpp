// Stands in for download.cpp where there is no libcurl.
#include <softf1/core/errors.hpp>

#include "options.hpp"

namespace program {

void run(download_options const&) {
  throw softf1::backend_error("download: this program was built without libcurl, which fetches images");
}

}  // namespace program
