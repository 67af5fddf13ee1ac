// What an HTML report shows: plain values, in the order in which they are shown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <softf1/report/histogram.hpp>
#include <softf1/report/threshold_chart.hpp>

namespace softf1::inline SOFTF1_ABI::report {

/// A table of texts. Each row has as many cells as the header; columns of numbers are aligned to the right.
struct table {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::string note = {};  ///< stands below the table; may be empty
};

/// Horizontal bars: how often each label is there, say.
struct bar_chart {
  std::string title;
  std::vector<std::pair<std::string, double>> bars;  ///< name and length, finite and >= 0; the longest fills the width
  std::vector<std::string> values = {};              ///< what is written beside each; empty: its length
};

/// A line of a plot: one value an epoch. NaN and infinite values are gaps.
struct curve {
  std::string name;
  std::vector<double> values;
};

/// Curves over epochs, which are counted from 1.
struct line_plot {
  std::string title, x_label, y_label;
  std::vector<curve> curves;
  std::optional<std::size_t> marked = {};  ///< index of the best epoch, from 0
};

/// One image with the labels it has and those it was given.
struct shown_prediction {
  std::string id;
  std::vector<std::byte> jpeg;  ///< a small image as a JPEG file; may be empty
  std::vector<std::string> truth, predicted;
};

/// A report. Empty parts are left out.
struct document {
  std::string title, subtitle = {};
  std::vector<std::pair<std::string, std::string>> facts = {};  ///< name and value
  std::vector<table> tables = {};
  std::vector<bar_chart> bars = {};
  std::vector<line_plot> curves = {};
  threshold_charts thresholds = {};
  std::vector<histogram> histograms = {};
  std::vector<shown_prediction> predictions = {};
};

}  // namespace softf1::inline SOFTF1_ABI::report
