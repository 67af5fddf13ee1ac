// Update rules, schedules of the learning rate, clipping and averaging.
#pragma once

#include <softf1/optimizers/average_weights.hpp>
#include <softf1/optimizers/clip_by_norm.hpp>
#include <softf1/optimizers/lbfgs.hpp>
#include <softf1/optimizers/optimizer.hpp>
#include <softf1/optimizers/rules.hpp>
#include <softf1/optimizers/schedule.hpp>
