#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace torch::nn {
class Module;
}

namespace velatura::layers {

/// A module's parameters and those of all modules in it, under their full names
/// ("down_blocks.0.resnets.0.conv1.weight"), in the order of their declaration. The tensors are
/// handles: what they are given by set_data, the module has.
std::vector<std::pair<std::string, at::Tensor>> parameters(const torch::nn::Module& module);

}  // namespace velatura::layers
