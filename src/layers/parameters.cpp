#include "layers/parameters.h"

#include <torch/nn/module.h>

namespace velatura::layers {

std::vector<std::pair<std::string, at::Tensor>> parameters(const torch::nn::Module& module) {
  std::vector<std::pair<std::string, at::Tensor>> all;
  for (const auto& parameter : module.named_parameters()) {
    all.emplace_back(parameter.key(), parameter.value());
  }
  return all;
}

}  // namespace velatura::layers
