#include "models.hpp"

#include <fmt/format.h>

#include <softf1/models/onnx.hpp>

#include "crop_warning.hpp"
#include "engine.hpp"

namespace program {

namespace models = softf1::models;

softf1::models::extractor load_extractor(host& ctx, extractor_choice const& choice, std::string const& before) {
  softf1::models::extractor_options how;
  if (!choice.network.empty()) how.architecture = choice.network;
  how.end_point = choice.end_point;
  how.before = before;
  if (!choice.padding.empty()) how.padding = softf1::layers::padding_named(choice.padding);
  if (!choice.pixels.empty()) how.pixels = softf1::image::parse<softf1::pixel_range>(choice.pixels);
  if (!choice.resize.empty()) how.resize = softf1::image::parse<softf1::resize_mode>(choice.resize);
  if (!choice.filter.empty()) how.filter = softf1::image::parse<softf1::resize_filter>(choice.filter);
  if (choice.image_size > 0) how.image_size = choice.image_size;
  if (choice.resize_to > 0) how.resize_to = choice.resize_to;
  return choice.weights.empty() ? softf1::models::extractor::random(ctx, 0, how)
                                : softf1::models::extractor::from_file(ctx, choice.weights, how);
}

std::string extractor_text(softf1::models::extractor const& extractor) {
  auto text = fmt::format("extractor: {}\n", to_text(extractor.identity()));
  if (extractor.identity().is_random())
    text +=
        "its weights are random, a stand-in that sees colour and texture only: give --weights FILE for real ones "
        "(examples/weights/README.md says where to get them)\n";
  return text;
}

std::string feature_key(engine const& work, models::extractor const& extractor, std::string const& images) {
  return work.is_host() ? models::cache_key(extractor, images)
                        : models::cache_key_of_bytes(extractor.identity(), work.precision(), images);
}

models::batch_extractor batches_on(engine& work, models::extractor const& extractor) {
  if (work.is_host()) return models::batches_of(work.on_host(), extractor);
  auto const run = work.load_images(extractor.network(work.on_host()), extractor.input().pixels);
  return {.input = extractor.input(),
          .dimension = extractor.dimension(),
          .bytes = true,
          .threads = work.on_host().threads(),
          .run = [run](softf1::image_batch const& images, softf1::matrix_view<float> features) {
            run(images.bytes, features);
          }};
}

models::extracted_features run_extractor(engine& work, models::extractor const& extractor,
                                         std::shared_ptr<softf1::data::image_source const> images,
                                         std::vector<std::string> const& ids, models::extract_options const& options) {
  auto how = options;
  // As many as a device works on at once.
  if (!work.is_host()) how.batch_size = 64;
  return models::extract_features(batches_on(work, extractor), std::move(images), ids, how);
}

models::model load_model(std::string const& path) { return softf1::read_model(path); }

void save_model(std::string const& path, models::model const& model, models::extractor const* bundle) {
  softf1::write_model(path, model, bundle);
}

void save_onnx(std::string const& path, models::model const& model, models::extractor const* whole, std::size_t opset) {
  softf1::write_onnx(path, model, whole, {.opset = opset});
}

void put_rule(std::string const& path, softf1::decision_rule const& rule,
              std::optional<softf1::calibration_map> const& calibration) {
  models::replace_rule(path, rule, calibration);
}

models::extractor restore_extractor(host& ctx, models::model const& model, std::string const& path,
                                    std::string const& weights) {
  return models::extractor_of(ctx, model, path, weights);
}

void score_features(engine& work, models::model const& model, std::string const& path,
                    softf1::matrix_view<const float> features, softf1::matrix_view<float> logits) {
  work.load_head(models::head_network(work.on_host(), model, path))(features, logits);
}

softf1::layers::network_summary head_summary(host& ctx, models::model const& model, std::string const& path) {
  return softf1::layers::summarise(models::head_network(ctx, model, path));
}

softf1::layers::network_summary head_summary(host& ctx, std::size_t inputs, softf1::layers::table const& head) {
  return softf1::layers::summarise(softf1::layers::network<float>(ctx, {1, 1, inputs}, head, std::nullopt));
}

models::scored_images score_source(engine& work, models::model const& model, std::string const& path,
                                   models::extractor const& extractor,
                                   std::shared_ptr<softf1::data::image_source const> images, crop_choice const& crops,
                                   models::score_images_options how) {
  if (extractor.output_shape() != model.input)
    throw softf1::io_error(fmt::format("{}: the model's head takes features of shape {}, its extractor gives {}", path,
                                       softf1::layers::shape_text(model.input),
                                       softf1::layers::shape_text(extractor.output_shape())));
  if (!crops.crops.empty()) how.crops = softf1::parse_crops(crops.crops);
  warn_of_small_crops(how.crops, extractor.input());
  how.reduce = models::crop_reduction_named(crops.reduce);
  how.task = model.task;
  // As many as a device works on at once.
  if (!work.is_host()) how.batch_size = 64;
  return models::score_images(batches_on(work, extractor),
                              work.load_head(models::head_network(work.on_host(), model, path)), model.labels.size(),
                              std::move(images), how);
}

void save_checkpoint_as_model(std::string const& checkpoint, std::string const& path) {
  host ctx;
  auto const model = load_model(checkpoint);
  if (!model.bundled) return save_model(path, model, nullptr);
  auto const extractor = models::extractor_of(ctx, model, checkpoint);
  save_model(path, model, &extractor);
}

}  // namespace program
