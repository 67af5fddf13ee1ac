// What softf1 train is told by name.
#include <string_view>
#include <type_traits>

#include <softf1/data/split_file.hpp>
#include <softf1/optimizers/all.hpp>
#include <softf1/training/groups.hpp>
#include <softf1/training/heads.hpp>

#include "train.hpp"

namespace program {

namespace data = softf1::data;
namespace training = softf1::training;
using softf1::value_error;

std::array<double, 3> parse_shares(std::string const& text) {
  std::array<double, 3> shares{};
  std::string_view rest = text;
  for (std::size_t k = 0; k < 3; ++k) {
    auto const comma = rest.find(',');
    if ((comma == rest.npos) != (k == 2))
      throw value_error("expected three shares, train,validation,test, got '" + text + "'");
    shares[k] = softf1::parse_number(rest.substr(0, comma), "a share");
    if (k < 2) rest = rest.substr(comma + 1);
  }
  return shares;
}

any_optimizer optimizer_named(std::string const& text) {
  any_optimizer result;
  using named = softf1::optimizers::all::with<training::lbfgs_training>;
  softf1::with_named<named>(softf1::parse_spec(text, "optimizer"), "optimizer", [&]<class Found>(Found const& found) {
    if constexpr (std::is_same_v<Found, training::lbfgs_training>)
      result = found;
    else
      result = softf1::update_rule(found);
  });
  return result;
}

void check_loss(std::string const& text) { check_loss(text, {}); }

void check_loss_schedule(std::string const& text) { softf1::losses::loss_schedule_named(text); }

void check_optimizer(std::string const& text) { optimizer_named(text); }

void check_split(std::string const& text) { data::shuffle_split(1, {.shares = parse_shares(text)}); }

void check_monitor(std::string const& text) { training::monitor_named(text); }

void check_initialiser(std::string const& text) { softf1::layers::initialiser_named(text); }

void check_schedule(std::string const& text) { softf1::schedule_named(text); }

void check_head(std::string const& text) {
  // Of a shape that all heads take.
  training::head_named(text, {4096, 4096, 3}, 1);
}

void check_groups(std::string const& text) { training::groups_named(text); }

void check_train_options(train_options const& o) {
  if (!o.split_file.empty()) data::read_split(o.split_file);
  bool const lbfgs = std::holds_alternative<training::lbfgs_training>(optimizer_named(o.optimizer));
  bool const features = o.set.has_features();
  auto const refuse = [](bool wrong, std::string const& sentence) {
    if (wrong) throw value_error(sentence);
  };
  refuse(lbfgs && (o.head != "dense" || o.hidden > 0),
         "--optimizer: lbfgs is for linear heads: give --hidden 0 as well");
  refuse(lbfgs && o.resume, "--resume: a run with lbfgs has no checkpoints");
  refuse(lbfgs && !o.train_from.empty(), "--train-from: lbfgs is for linear heads on features");
  refuse(lbfgs && (o.mixup > 0 || o.average > 0 || o.clip_norm > 0 || o.accumulate > 1 || !o.groups.empty() ||
                   o.sampler != "shuffle" || o.schedule != "constant"),
         "--optimizer: lbfgs takes all rows at once, without --mixup, --average, --clip-norm, --accumulate, --groups, "
         "--sampler and --schedule");
  refuse(lbfgs && !o.loss_schedule.empty(), "--loss-schedule: lbfgs minimises one loss, which cannot change");
  refuse(o.loss_scope == "epoch" && o.accumulate > 1,
         "--loss-scope epoch takes all rows at once, without --accumulate");
  refuse(lbfgs && o.augment != "none", "--augment: lbfgs takes all rows at once, which stay as they are");
  refuse(features && o.augment != "none", "--augment: features are there already, there are no images");
  refuse(features && !o.train_from.empty(), "--train-from: features are there already, there is no network");
  refuse(!o.train_from.empty() && !o.extractor.end_point.empty(), "--train-from and --end-point exclude each other");
  refuse(o.resume && o.out.empty(), "--resume needs --out, the folder of the run that goes on");
  refuse(o.resume && o.overwrite, "--resume and --overwrite exclude each other");
  refuse(o.resume && o.no_checkpoints, "--resume and --no-checkpoints exclude each other");
}

}  // namespace program
