// A folder of synthetic posters with its table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace synthesize {

struct catalogue_options {
  std::string folder;
  std::size_t rows = 3000, labels = 12;
  std::uint64_t seed = 0;
  int threads = 1;
  bool overwrite = false;  ///< write into a folder that holds something: files of the same names are replaced
};

/// What was written.
struct catalogue {
  std::vector<std::string> labels;
  std::vector<std::size_t> counts;  ///< posters with each label
};

/// Writes folder/images/<imdbId>.jpg, then folder/posters.csv with the columns imdbId, Imdb Link, Title, IMDB Score,
/// Genre (label names joined by |) and Poster; numbers, titles and links are made up. The same files for the same
/// options, at any number of threads. Throws value_error for rows or labels out of range, io_error where the folder
/// holds something (unless `overwrite`) or cannot be written.
catalogue write_catalogue(catalogue_options const& options);

}  // namespace synthesize
