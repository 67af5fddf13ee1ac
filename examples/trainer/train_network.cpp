#include "train_network.hpp"

#include <softf1/core/wildcard.hpp>
#include <softf1/models/cut.hpp>
#include <softf1/models/layout.hpp>
#include <softf1/training/groups.hpp>
#include <softf1/training/heads.hpp>

namespace program {

namespace layers = softf1::layers;
namespace models = softf1::models;
namespace training = softf1::training;

run_network::run_network(engine& work, train_options const& options) : work_(work), options_(options) {
  if (options.set.has_features()) return;
  extractor_ =
      std::make_unique<models::extractor>(load_extractor(work.on_host(), options.extractor, options.train_from));
  if (!options.train_from.empty()) tail_ = models::cut_at(extractor_->architecture(), options.train_from).tail;
  check_groups();
}

// What fit would only say once the features were extracted.
void run_network::check_groups() const {
  auto const arrays = models::layout_of(extractor_->output_shape(), blocks(extractor_->output_shape(), 1));
  for (auto const& group : training::groups_named(options_.groups)) {
    bool found = false;
    for (auto const& a : arrays)
      found = found || (a.role == layers::parameter_role::trained && softf1::matches_wildcard(group.pattern, a.name));
    if (!found) throw softf1::value_error("--groups: no parameter's name matches '" + group.pattern + "'");
  }
}

bool run_network::augments() const { return options_.augment != "none" && extractor_; }

layers::sample_shape run_network::input_shape(std::size_t dimension) const {
  return extractor_ ? extractor_->output_shape() : layers::sample_shape{1, 1, dimension};
}

layers::table run_network::blocks(layers::sample_shape input, std::size_t labels) const {
  auto all = tail_;
  for (auto& b : all)
    if (auto* const norm = std::get_if<layers::batch_norm>(&b.layer))
      norm->policy = layers::norm_policy_named(options_.batch_norm);
  auto const in = all.empty() ? input : models::shape_after(input, all);
  for (auto& b : training::head_named(options_.head, in, labels,
                                      {.hidden = options_.hidden,
                                       .dropout = options_.dropout,
                                       .weights = layers::initialiser_named(options_.initialiser)})) {
    if (!tail_.empty()) b.name = "head." + b.name;  // the network has names of its own
    all.push_back(std::move(b));
  }
  return all;
}

// Random networks give features that hardly differ between images; those of trained ones are best as they are. Features
// from elsewhere have any scale.
bool run_network::standardises(layers::sample_shape input) const {
  bool const can = options_.head == "dense" && tail_.empty() && input.pixels() == 1 && !augments();
  if (options_.standardise == "yes" && !can)
    throw softf1::value_error("--standardise: only features of vectors for a dense head can be standardised");
  if (options_.standardise != "auto") return options_.standardise == "yes";
  return can && (!extractor_ || extractor_->identity().is_random());
}

std::unique_ptr<head_network> run_network::make(models::model const& model) const {
  auto& ctx = work_.on_host();
  auto net = std::make_unique<head_network>(ctx, model.input, model.head, options_.seed);
  if (!tail_.empty()) extractor_->load_into(ctx, *net);
  return net;
}

}  // namespace program
