// Extractors, models and what they compute: the one unit that compiles them, since networks compile slowly.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <softf1/models/extract.hpp>
#include <softf1/models/model.hpp>
#include <softf1/models/score_images.hpp>

#include "options.hpp"

namespace program {

class engine;
using host = softf1::context<softf1::cpu>;

/// The extractor of a choice; random weights where it names none. `before`: the block that takes its features, where
/// that says where it ends. Throws as the library.
softf1::models::extractor load_extractor(host& ctx, extractor_choice const& choice, std::string const& before = {});

/// Two lines: what the extractor is, and for random weights what that means.
std::string extractor_text(softf1::models::extractor const& extractor);

/// What features by an extractor are kept under: those of an engine that rounds on its way are kept apart.
std::string feature_key(engine const& work, softf1::models::extractor const& extractor, std::string const& images);

/// The extractor, wherever it runs: a device takes images as bytes. Both must outlive it.
softf1::models::batch_extractor batches_on(engine& work, softf1::models::extractor const& extractor);

/// softf1::models::extract_features.
softf1::models::extracted_features run_extractor(engine& work, softf1::models::extractor const& extractor,
                                                 std::shared_ptr<softf1::data::image_source const> images,
                                                 std::vector<std::string> const& ids,
                                                 softf1::models::extract_options const& options);

/// softf1::read_model, write_model, models::replace_rule and models::extractor_of.
softf1::models::model load_model(std::string const& path);
void save_model(std::string const& path, softf1::models::model const& model, softf1::models::extractor const* bundle);
void put_rule(std::string const& path, softf1::decision_rule const& rule,
              std::optional<softf1::calibration_map> const& calibration = {});
softf1::models::extractor restore_extractor(host& ctx, softf1::models::model const& model, std::string const& path,
                                            std::string const& weights);

/// softf1::write_onnx.
void save_onnx(std::string const& path, softf1::models::model const& model, softf1::models::extractor const* whole,
               std::size_t opset);

/// The logits (N, L) that a model gives features (N, D).
void score_features(engine& work, softf1::models::model const& model, std::string const& path,
                    softf1::matrix_view<const float> features, softf1::matrix_view<float> logits);

/// A head's blocks.
softf1::layers::network_summary head_summary(host& ctx, softf1::models::model const& model, std::string const& path);
softf1::layers::network_summary head_summary(host& ctx, std::size_t inputs, softf1::layers::table const& head);

/// The logits that a model gives images: softf1::models::score_images. Of `how`, all but rows, progress and
/// stop_requested come from the other arguments. Throws io_error where extractor and model do not fit together.
softf1::models::scored_images score_source(engine& work, softf1::models::model const& model, std::string const& path,
                                           softf1::models::extractor const& extractor,
                                           std::shared_ptr<softf1::data::image_source const> images,
                                           crop_choice const& crops, softf1::models::score_images_options how);

/// A checkpoint as a model file, without what only training needs.
void save_checkpoint_as_model(std::string const& checkpoint, std::string const& path);

}  // namespace program
