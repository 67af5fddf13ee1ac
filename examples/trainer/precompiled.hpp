// What most units of the program include, read once: units include what they need themselves all the same.
#include <fmt/format.h>

#include <softf1/data/labels.hpp>
#include <softf1/io/json_value.hpp>
#include <softf1/metrics/report.hpp>
#include <softf1/models/model.hpp>
#include <softf1/thresholds/all.hpp>
