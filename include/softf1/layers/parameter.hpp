// The named arrays of a network: trained weights, and state such as running statistics.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <softf1/core/view.hpp>
#include <softf1/layers/initialiser.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

/// trained: has a gradient, in the flat buffer of the parameters. state: is carried along and saved, but not trained.
enum class parameter_role { trained, state };

/// A named array of a layer: a view into a flat buffer of the network.
template <class T, class B = cpu>
struct parameter {
  std::string name;  ///< within the layer: "weight"; within a network, after the layer's name: "features.0.weight"
  std::vector<std::size_t> shape;
  parameter_role role = parameter_role::trained;
  initialiser initial = initialiser::zeros;
  std::size_t fan_in = 1, fan_out = 1;  ///< for the initialiser
  std::size_t group = 0;                ///< parameters of one group share learning rate and decay
  bool trained = true;                  ///< false: frozen (see network::freeze), or state; its gradient stays 0
  vector_view<T, B> values = {}, gradients = {};

  std::size_t size() const {
    std::size_t n = 1;
    for (std::size_t extent : shape) n *= extent;
    return n;
  }
};

}  // namespace softf1::inline SOFTF1_ABI::layers
