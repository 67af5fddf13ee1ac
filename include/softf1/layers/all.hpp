// All layers: the list that tables of blocks, tests and programs know.
#pragma once

#include <softf1/core/named.hpp>
#include <softf1/layers/activations.hpp>
#include <softf1/layers/average_pool.hpp>
#include <softf1/layers/batch_norm.hpp>
#include <softf1/layers/convolution.hpp>
#include <softf1/layers/dense.hpp>
#include <softf1/layers/depthwise_convolution.hpp>
#include <softf1/layers/dropout.hpp>
#include <softf1/layers/flatten.hpp>
#include <softf1/layers/global_average_pool.hpp>
#include <softf1/layers/layer_norm.hpp>
#include <softf1/layers/max_pool.hpp>
#include <softf1/layers/relu.hpp>
#include <softf1/layers/squeeze_excite.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

using all =
    type_list<dense, convolution, depthwise_convolution, batch_norm, layer_norm, relu, relu6, swish, hard_swish,
              sigmoid, hard_sigmoid, squeeze_excite, max_pool, average_pool, global_average_pool, flatten, dropout>;

}  // namespace softf1::inline SOFTF1_ABI::layers
