// A report as one HTML file that needs nothing else: no script, no network, drawings and images inside.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <softf1/core/errors.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/report/detail/sections.hpp>
#include <softf1/report/detail/style.hpp>
#include <softf1/report/document.hpp>
#include <softf1/version.hpp>

namespace softf1::inline SOFTF1_ABI::report {

namespace detail {

inline void check(document const& d) {
  for (auto const& t : d.tables)
    for (std::size_t k = 0; k < t.rows.size(); ++k)
      if (t.rows[k].size() != t.header.size())
        throw shape_error("to_html: table '" + t.title + "' must have " + std::to_string(t.header.size()) +
                          " cells in each row, got " + std::to_string(t.rows[k].size()) + " in row " +
                          std::to_string(k));
  for (auto const& plot : d.curves)
    if (plot.marked && *plot.marked >= epochs(plot))
      throw value_error("to_html: plot '" + plot.title + "' must mark one of its " + std::to_string(epochs(plot)) +
                        " epochs, got " + std::to_string(*plot.marked));
  for (auto const& chart : d.bars) {
    if (!chart.values.empty() && chart.values.size() != chart.bars.size())
      throw shape_error("to_html: bar chart '" + chart.title + "' must have a value for each of its " +
                        std::to_string(chart.bars.size()) + " bars, got " + std::to_string(chart.values.size()));
    for (auto const& [name, length] : chart.bars)
      require_value(length >= 0 && length * 0 == 0, "to_html",
                    "a bar must be finite and >= 0, got " + number_text(length) + " for '" + name + "'");
  }
  for (auto const& h : d.histograms)
    if (h.negatives.size() != h.positives.size())
      throw shape_error("to_html: histogram '" + h.label + "' must have as many bins of negatives as of positives (" +
                        std::to_string(h.positives.size()) + "), got " + std::to_string(h.negatives.size()));
}

}  // namespace detail

/// The document as HTML, which is well-formed XML too, in UTF-8. All texts are escaped; bytes that are no UTF-8 become
/// U+FFFD. Light or dark as the reader's system is; colours are never the only sign, and each drawing has a title, a
/// description and its values as text. The same document gives the same bytes.
/// Throws shape_error where a table's row has not as many cells as its header, a bar chart not as many values as bars
/// or a histogram not as many bins of negatives as of positives, value_error where a mark lies behind the last epoch or
/// a bar is not finite and >= 0.
inline std::string to_html(document const& d) {
  detail::check(d);
  struct part {
    std::string_view id, title;
    bool there;
    std::string (*write)(document const&);
  };
  part const parts[] = {{"tables", "Results", !d.tables.empty(), detail::tables_section},
                        {"data", "Data", !d.bars.empty(), detail::bars_section},
                        {"curves", "Training", !d.curves.empty(), detail::curves_section},
                        {"thresholds", "Thresholds by label", !d.thresholds.labels.empty(), detail::thresholds_section},
                        {"histograms", "Probabilities by label", !d.histograms.empty(), detail::histograms_section},
                        {"predictions", "Predictions", !d.predictions.empty(), detail::predictions_section}};
  std::string const title = detail::escaped(d.title);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'\"/>\n<title>" +
      title + "</title>\n<style>" + std::string(detail::style_sheet) + "</style>\n</head>\n<body>\n<header>\n<h1>" +
      title + "</h1>\n";
  if (!d.subtitle.empty()) out += "<p class=\"subtitle\">" + detail::escaped(d.subtitle) + "</p>\n";
  std::string links, sections;
  for (auto const& p : parts) {
    if (!p.there) continue;
    links += "<a href=\"#" + std::string(p.id) + "\">" + std::string(p.title) + "</a>\n";
    sections += p.write(d);
  }
  if (!links.empty()) out += "<nav aria-label=\"Parts\">\n" + links + "</nav>\n";
  out += detail::facts_list(d) + "</header>\n<main>\n" + sections + "</main>\n";
  return out + "<footer>softf1 " + SOFTF1_VERSION + "</footer>\n</body>\n</html>\n";
}

/// Writes the document as HTML, all of it or nothing. Throws like to_html, and io_error where it cannot be stored.
inline void write_html(std::string const& path, document const& d) { write_atomically(path, to_html(d), "write_html"); }

}  // namespace softf1::inline SOFTF1_ABI::report

namespace softf1::inline SOFTF1_ABI {
using report::write_html;
}
