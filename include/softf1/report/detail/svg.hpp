// Drawing in SVG; colours come from the style sheet.
#pragma once

#include <string>
#include <string_view>

#include <softf1/report/detail/text.hpp>

namespace softf1::inline SOFTF1_ABI::report::detail {

/// A drawing of a width and height in its own units, with a title and a description for those who do not see it.
class svg {
 public:
  svg(std::string const& id, double width, double height, std::string_view title, std::string_view description) {
    out_ = "<svg viewBox=\"0 0 " + coordinate(width) + " " + coordinate(height) + "\" role=\"img\" aria-labelledby=\"" +
           id + "-t " + id + "-d\"><title id=\"" + id + "-t\">" + escaped(title) + "</title><desc id=\"" + id +
           "-d\">" + escaped(description) + "</desc>\n";
  }

  void line(std::string_view style, double x1, double y1, double x2, double y2) {
    out_ +=
        "<line" + styled(style) + number("x1", x1) + number("y1", y1) + number("x2", x2) + number("y2", y2) + "/>\n";
  }

  void circle(std::string_view style, double x, double y, double radius) {
    out_ += "<circle" + styled(style) + number("cx", x) + number("cy", y) + number("r", radius) + "/>\n";
  }

  void rectangle(std::string_view style, double x, double y, double width, double height) {
    out_ += "<rect" + styled(style) + number("x", x) + number("y", y) + number("width", width) +
            number("height", height) + "/>\n";
  }

  /// `data` is that of an SVG path.
  void path(std::string_view style, std::string const& data) {
    if (!data.empty()) out_ += "<path" + styled(style) + " d=\"" + data + "\"/>\n";
  }

  /// `anchor` is start, middle or end.
  void text(std::string_view style, double x, double y, std::string_view anchor, std::string_view content) {
    out_ += "<text" + styled(style) + number("x", x) + number("y", y) + " text-anchor=\"" + std::string(anchor) +
            "\">" + escaped(content) + "</text>\n";
  }

  /// A text that reads upwards, around its middle.
  void upward_text(std::string_view style, double x, double y, std::string_view content) {
    out_ += "<text" + styled(style) + " transform=\"translate(" + coordinate(x) + " " + coordinate(y) +
            ") rotate(-90)\" text-anchor=\"middle\">" + escaped(content) + "</text>\n";
  }

  std::string finish() const { return out_ + "</svg>\n"; }

 private:
  static std::string styled(std::string_view style) { return " class=\"" + std::string(style) + "\""; }
  static std::string number(std::string_view name, double x) {
    return " " + std::string(name) + "=\"" + coordinate(x) + "\"";
  }

  std::string out_;
};

}  // namespace softf1::inline SOFTF1_ABI::report::detail
