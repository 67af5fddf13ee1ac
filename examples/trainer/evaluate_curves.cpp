// What is read from scores label by label, and pair by pair: curves, operating points, which label is taken for which.
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <softf1/io/csv_writer.hpp>
#include <softf1/io/json_label_pairs.hpp>
#include <softf1/io/json_operating.hpp>
#include <softf1/metrics/curves.hpp>
#include <softf1/metrics/label_pairs_text.hpp>
#include <softf1/metrics/score_sketch.hpp>
#include <softf1/metrics/sketch_curves.hpp>
#include <softf1/scores/f1.hpp>

#include "engine.hpp"
#include "evaluate_figures.hpp"

namespace program {

namespace {

namespace metrics = softf1::metrics;
using softf1::number_text;

/// No point is further than this from the curve that is drawn through those that are written.
constexpr double tolerance = 0.005;

/// Lines of a curve of a label (or average): each point's threshold and two coordinates.
template <class Point>
void add_curve(std::string& text, std::pair<std::string, std::string> const& of, char const* curve,
               std::vector<Point> const& points, double Point::*x, double Point::*y) {
  for (auto const& point : softf1::thin_curve(points, x, y, tolerance)) {
    std::string const line[] = {of.first,
                                of.second,
                                curve,
                                number_text(point.threshold),
                                std::isnan(point.*x) ? "" : number_text(point.*x),
                                std::isnan(point.*y) ? "" : number_text(point.*y)};
    text += softf1::io::csv_line(line);
  }
}

constexpr char const* header = "kind,name,curve,threshold,x,y\n";

void add_curves(std::string& text, std::pair<std::string, std::string> const& of, softf1::count_curve const& curve) {
  using namespace metrics;
  add_curve(text, of, "roc", roc_curve(curve), &roc_point::fpr, &roc_point::tpr);
  add_curve(text, of, "precision_recall", precision_recall_curve(curve), &precision_recall_point::recall,
            &precision_recall_point::precision);
  add_curve(text, of, "f1", score_curve(curve, softf1::f1{}), &score_point::threshold, &score_point::score);
  auto const gains = gain_curve(curve);
  add_curve(text, of, "gain", gains, &gain_point::share, &gain_point::gain);
  add_curve(text, of, "lift", gains, &gain_point::share, &gain_point::lift);
  add_curve(text, of, "det", det_curve(curve), &det_point::fpr, &det_point::fnr);
}

}  // namespace

std::string curves_text(softf1::score_sketch const& sketch, std::vector<std::string> const& names) {
  std::string text = header;
  for (std::size_t j = 0; j < names.size(); ++j)
    add_curves(text, {"label", names[j]}, softf1::curve_at_edges(sketch.label(j)));
  add_curves(text, {"average", "micro"}, softf1::curve_at_edges(sketch.pooled()));
  return text;
}

void find_curves(engine& work, evaluate_options const& options, dataset const& data, softf1::decision_rule const& rule,
                 evaluation_figures& found) {
  bool const pairs = names_metrics(options.metrics, "pairs"),
             points = names_metrics(options.metrics, "operating_points"), curves = !options.curves.empty();
  if (!pairs && !points && !curves) return;
  auto& ctx = work.on_host();
  auto const rows = data.rows();
  auto const wide = data.scores.values.as<double>(data.scores.path);
  softf1::matrix_view<const double> const scores(wide.data(), data.scores.rows(), data.scores.labels());
  std::vector<std::string> names;
  for (auto const& label : found.report.per_label) names.push_back(label.name);
  softf1::metric_options<softf1::cpu> o{.domain = data.scores.domain, .decision = rule};
  if (rows.mask.data()) o.mask = rows.mask;
  if (rows.row_weights.data()) o.row_weights = rows.row_weights;

  if (pairs) {
    softf1::label_pairs counted;
    counted.add(ctx, scores, rows.targets, o);
    found.text += "\n" + softf1::label_pairs_text(counted, names);
    found.form["label_pairs"] = softf1::io::label_pairs_json(counted);
  }
  if (!points && !curves) return;
  softf1::ranking_options<softf1::cpu> const ranking{softf1::averaging::macro, o.mask, o.row_weights};
  softf1::operating_options const promises{options.max_fpr, options.at_least};
  std::vector<softf1::operating_figures> operating;
  found.curves = header;
  for (std::size_t j = 0; j < names.size(); ++j) {
    auto const curve = softf1::label_curve(ctx, scores, rows.targets, j, ranking);
    if (points) operating.push_back(softf1::operating_figures_of(curve, promises));
    if (curves) add_curves(found.curves, {"label", names[j]}, curve);
  }
  if (curves) add_curves(found.curves, {"average", "micro"}, softf1::pooled_curve(ctx, scores, rows.targets, ranking));
  if (!points) return;
  found.text += "\n" + softf1::operating_text(operating, names, promises);
  found.form["operating_points"] = softf1::io::operating_json(operating, names, promises);
}

}  // namespace program
