#include "evaluations.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <tuple>

#include <softf1/core/named.hpp>
#include <softf1/io/atomic_writer.hpp>
#include <softf1/io/csv_writer.hpp>

namespace program {

namespace {

auto place(evaluation const& one) { return std::tie(one.part, one.step); }

}  // namespace

std::vector<evaluation> read_evaluations(std::string const& path) {
  std::vector<evaluation> all;
  if (!std::filesystem::exists(path)) return all;
  auto const csv = softf1::io::read_csv(path, {.header = softf1::io::csv_has::yes});
  auto const step = csv.column("step"), epoch = csv.column("epoch"), part = csv.column("part"),
             rows = csv.column("rows");
  for (std::size_t r = 0; r < csv.rows.size(); ++r) try {
      auto const number = [&](std::size_t column) {
        auto const& text = csv.rows[r][column];
        return text.empty() ? std::nan("") : softf1::parse_number(text, csv.header[column]);
      };
      auto const whole = [&](std::size_t column) {
        double const x = number(column);
        if (!(x >= 0 && x < 9e15)) throw softf1::value_error(csv.header[column] + " must be a whole number");
        return static_cast<std::uint64_t>(x);
      };
      evaluation one{whole(step), whole(epoch), csv.rows[r][part], whole(rows), {}};
      for (std::size_t k = 0; k < one.figures.size(); ++k)
        one.figures[k] = number(csv.column(std::string(evaluation_figures[k])));
      put(all, std::move(one));
    } catch (softf1::value_error const& e) {
      throw softf1::io_error(path + ": line " + std::to_string(csv.lines[r]) + ": " + e.what());
    }
  return all;
}

void write_evaluations(std::string const& path, std::vector<evaluation> const& all) {
  std::vector<std::string> row{"step", "epoch", "part", "rows"};
  row.insert(row.end(), evaluation_figures.begin(), evaluation_figures.end());
  std::string text = softf1::io::csv_line(row);
  for (auto const& one : all) {
    row = {std::to_string(one.step), std::to_string(one.epoch), one.part, std::to_string(one.rows)};
    for (double x : one.figures) row.push_back(std::isnan(x) ? std::string() : softf1::number_text(x));
    text += softf1::io::csv_line(row);
  }
  softf1::write_atomically(path, text, "evaluations");
}

void put(std::vector<evaluation>& all, evaluation one) {
  auto const at =
      std::lower_bound(all.begin(), all.end(), one, [](auto const& a, auto const& b) { return place(a) < place(b); });
  if (at != all.end() && place(*at) == place(one))
    *at = std::move(one);
  else
    all.insert(at, std::move(one));
}

softf1::io::json_value to_json(evaluation const& one) {
  softf1::io::json_value form{{"step", one.step}, {"epoch", one.epoch}, {"part", one.part}, {"rows", one.rows}};
  for (std::size_t k = 0; k < one.figures.size(); ++k)
    form[std::string(evaluation_figures[k])] = softf1::io::json_number(one.figures[k]);
  return form;
}

}  // namespace program
