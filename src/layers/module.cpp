#include "layers/module.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

namespace velatura::layers {

at::Tensor without_memory(at::IntArrayRef shape, const at::TensorOptions& options) {
  return at::empty({}, options).expand(shape);
}

struct Module::Node : torch::nn::Module {
  explicit Node(layers::Module& owned_by) : owner(&owned_by) {}
  layers::Module* owner;  // null once it is gone: a parent keeps the nodes of children it does not
};

Module::Module() : node_(std::make_shared<Node>(*this)) {}
Module::~Module() {
  node_->owner = nullptr;
}

std::vector<std::pair<std::string, at::Tensor>> Module::parameters() const {
  std::vector<std::pair<std::string, at::Tensor>> all;
  for (const auto& parameter : node_->named_parameters()) {
    all.emplace_back(parameter.key(), parameter.value());
  }
  return all;
}

void Module::apply(const std::function<void(Module&)>& call) {
  node_->apply([&call](torch::nn::Module& node) {
    if (layers::Module* const owner = static_cast<Node&>(node).owner) call(*owner);
  });
}

at::Tensor Module::declare(const std::string& name, at::IntArrayRef shape) {
  return node_->register_parameter(name, without_memory(shape), /*requires_grad=*/false);
}

void Module::add(const std::string& name, Module& module) {
  node_->register_module(name, module.node_);
}

}  // namespace velatura::layers
