// All layers: the list that tables of blocks, tests and programs know.
#pragma once

#include <softf1/core/named.hpp>
#include <softf1/layers/batch_norm.hpp>
#include <softf1/layers/convolution.hpp>
#include <softf1/layers/dense.hpp>
#include <softf1/layers/depthwise_convolution.hpp>
#include <softf1/layers/dropout.hpp>
#include <softf1/layers/global_average_pool.hpp>
#include <softf1/layers/relu.hpp>

namespace softf1::inline SOFTF1_ABI::layers {

using all = type_list<dense, convolution, depthwise_convolution, batch_norm, relu, relu6, dropout, global_average_pool>;

}  // namespace softf1::inline SOFTF1_ABI::layers
