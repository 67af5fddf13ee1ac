// Images to labels in three lines.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <softf1/image/decode.hpp>
#include <softf1/image/preprocess.hpp>
#include <softf1/models/model.hpp>
#include <softf1/models/model_output.hpp>

namespace softf1::inline SOFTF1_ABI::models {

/// What a model says of one image.
struct prediction {
  std::vector<float> logits;  ///< (L,)
  std::vector<double>
      probabilities;                 ///< (L,): by the model's calibration; else sigmoid, or softmax for one label a row
  std::vector<std::size_t> decided;  ///< the labels that the model's rule decides, ascending
  std::vector<std::string> labels;   ///< their names
};

/// A model with its extractor: `classifier c("model.safetensors"); auto p = c.predict("poster.jpg");`. Prediction is
/// const and may run in any number of threads at once.
class classifier {
 public:
  /// `weights`: the file of the extractor's weights, needed unless the model bundles them or they are random.
  /// Throws as read_model and extractor_of.
  explicit classifier(std::string const& path, std::string const& weights = {})
      : classifier(context<cpu>(), path, weights) {}

  models::model const& model() const { return model_; }
  models::extractor const& extractor() const { return extractor_; }
  std::vector<std::string> const& labels() const { return model_.labels; }

  /// Reads, decodes and predicts. Throws io_error naming the file where it is not an image.
  prediction predict(std::string const& path) const { return predict(image::read_image(path)); }

  /// Predicts from pixels. Throws shape_error for an image without any. Cost: one pass of the network on this thread.
  prediction predict(image::rgb_image const& image) const {
    context<cpu> ctx({.threads = 1});
    std::size_t const size = extractor_.input().image_size, labels = model_.labels.size();
    std::vector<float> pixels(size * size * 3), features(extractor_.dimension());
    image::preprocess(image, extractor_.input(), {pixels.data(), {size, size, 3}});
    extractor_.run(ctx, {pixels.data(), {1, size, size, 3}}, {features.data(), 1, features.size()});
    prediction p;
    p.logits.resize(labels);
    matrix_view<float> const logits(p.logits.data(), 1, labels);
    predict_logits(ctx, {features.data(), 1, features.size()}, logits);
    p.probabilities = probabilities(p.logits);
    p.decided = decide_labels(model_, logits, {p.probabilities.data(), 1, labels}).front();
    for (std::size_t j : p.decided) p.labels.push_back(model_.labels[j]);
    return p;
  }

  /// logits(i, ·) of features (N, D): logits (N, L), dense rows.
  void predict_logits(context<cpu>& ctx, matrix_view<const float> features, matrix_view<float> logits) const {
    head_.run(ctx, layers::maps_of(features, head_.input_shape()), logits);
  }

  /// The probabilities that one row of logits means.
  std::vector<double> probabilities(std::vector<float> const& logits) const {
    context<cpu> ctx({.threads = 1});
    std::vector<double> out(logits.size());
    find_probabilities(ctx, model_, {logits.data(), 1, logits.size()}, {out.data(), 1, out.size()});
    return out;
  }

 private:
  classifier(context<cpu> ctx, std::string const& path, std::string const& weights)
      : model_(read_model(path)),
        extractor_(extractor_of(ctx, model_, path, weights)),
        head_(ctx, head_network(ctx, model_, path)) {
    if (extractor_.output_shape() != model_.input)
      throw io_error(path + ": the model's head takes features of shape " + layers::shape_text(model_.input) +
                     ", its extractor gives " + layers::shape_text(extractor_.output_shape()));
  }

  models::model model_;
  models::extractor extractor_;
  layers::forward_plan<float> head_;
};

}  // namespace softf1::inline SOFTF1_ABI::models

namespace softf1::inline SOFTF1_ABI {
using models::classifier;
}  // namespace softf1::inline SOFTF1_ABI
