// All metrics.
#pragma once

#include <softf1/metrics/adaptive_calibration.hpp>
#include <softf1/metrics/baselines.hpp>
#include <softf1/metrics/classification.hpp>
#include <softf1/metrics/cooccurrence.hpp>
#include <softf1/metrics/curve_operating.hpp>
#include <softf1/metrics/curves.hpp>
#include <softf1/metrics/label_groups.hpp>
#include <softf1/metrics/missing.hpp>
#include <softf1/metrics/probability_quality.hpp>
#include <softf1/metrics/ranking.hpp>
#include <softf1/metrics/report.hpp>
#include <softf1/metrics/report_text.hpp>
#include <softf1/metrics/row_ranking.hpp>
#include <softf1/metrics/row_ranking_top_k.hpp>
#include <softf1/metrics/score_saturation.hpp>
#include <softf1/metrics/score_sketch.hpp>
#include <softf1/metrics/set_metrics.hpp>
#include <softf1/metrics/sketch_curves.hpp>
