// Where the heavy work of the sub-commands is done: on the CPU, or on a device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <softf1/image/pixel_range.hpp>
#include <softf1/layers/network.hpp>
#include <softf1/metrics/report.hpp>

#include "options.hpp"
#include "scored_rows.hpp"

namespace program {

using host = softf1::context<softf1::cpu>;
using head_network = softf1::layers::network<float>;

struct head_training;

/// Images (n, S, S, 3) of levels 0..255 to features (n, D).
using image_function = std::function<void(softf1::tensor_view<const std::uint8_t, 4>, softf1::matrix_view<float>)>;
/// Features (n, D) to logits (n, L).
using row_function = std::function<void(softf1::matrix_view<const float>, softf1::matrix_view<float>)>;

/// One backend with its context. What goes in and comes out lies on the host. For one thread.
class engine {
 public:
  explicit engine(common_options const& options) : host_({.threads = options.threads, .seed = options.seed}) {}
  engine(engine const&) = delete;
  engine& operator=(engine const&) = delete;
  virtual ~engine() = default;

  /// For what is done on the host whatever the engine.
  host& on_host() { return host_; }

  /// True where images are best given as floats to the extractor itself.
  virtual bool is_host() const = 0;
  /// What numbers are rounded to on their way, "tf32", "bf16" or "fp16"; empty: float throughout.
  virtual std::string_view precision() const = 0;

  /// Trains `net`, which begins with its first values; `job` is told what came of it.
  virtual void train(head_network& net, head_training& job) = 0;
  /// The logits of a network that was trained here.
  virtual void predict(head_network& net, softf1::matrix_view<const float> features,
                       softf1::matrix_view<float> logits) = 0;

  /// Networks folded for inference. The functions live no longer than the engine.
  virtual row_function load_head(head_network const& net) = 0;
  virtual image_function load_images(head_network const& net, softf1::pixel_range range) = 0;

  virtual softf1::classification_report report(scored_rows const& rows, softf1::decision_rule const& rule,
                                               double zero_division = 0,
                                               std::vector<std::string> const& label_names = {}) = 0;
  /// The counts of each label.
  virtual std::vector<softf1::confusion<double>> count(scored_rows const& rows, softf1::decision_rule const& rule) = 0;

 private:
  host host_;
};

/// The engine that is asked for. Throws value_error for what it cannot do, backend_error where there is no such device.
std::unique_ptr<engine> make_engine(common_options const& options, device_choice const& choice);

/// Of the units that hold the backends' code.
std::unique_ptr<engine> make_device_engine(common_options const& options, int device, std::string const& precision);
std::unique_ptr<engine> make_cpu_engine(common_options const& options);

}  // namespace program
