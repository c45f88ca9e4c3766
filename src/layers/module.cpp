#include "layers/module.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <set>

namespace velatura::layers {

at::Tensor without_memory(at::IntArrayRef shape, const at::TensorOptions& options) {
  return at::empty({}, options).expand(shape);
}

namespace {

// In memory that a GPU can read by itself.
at::Tensor pinned(const at::Tensor& x) {
  const at::Tensor copy = at::empty(x.sizes(), x.options().pinned_memory(true));
  return copy.copy_(x);
}

}  // namespace

struct Module::Node : torch::nn::Module {
  explicit Node(layers::Module& owned_by) : owner(&owned_by) {}
  layers::Module* owner;  // null once it is gone: a parent keeps the nodes of children it does not
};

struct Module::Guest {
  at::Device device;
  bool by_layers = false;
  std::vector<at::Tensor> parameters = {};  // handles
  std::vector<at::Tensor> at_home = {};     // their tensors, during visits
  int visits = 0;
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

void Module::offload(at::Device device, bool by_layers) {
  std::set<const c10::TensorImpl*> others;
  const auto receive = [&](Module& module) {
    module.guest_ = std::make_unique<Guest>(Guest{.device = device});
    for (auto& [name, parameter] : module.parameters()) {
      if (!others.insert(parameter.unsafeGetTensorImpl()).second) continue;
      parameter.set_data(pinned(parameter));
      module.guest_->parameters.push_back(parameter);
    }
  };
  if (by_layers) {
    apply([&](Module& module) {
      if (module.comes_alone()) receive(module);
    });
  }
  receive(*this);
  guest_->by_layers = by_layers;
}

bool Module::is_offloaded_by_layers() const {
  return guest_ && guest_->by_layers;
}

Visit::Visit(const Module& module) : module_(module.guest_ ? &module : nullptr) {
  if (module_ == nullptr || module_->guest_->visits++ > 0) return;
  auto& [device, by_layers, parameters, at_home, visits] = *module_->guest_;
  for (at::Tensor& parameter : parameters) {
    at_home.push_back(parameter.detach());
    parameter.set_data(parameter.to(device, /*non_blocking=*/true));
  }
}

Visit::~Visit() {
  if (module_ == nullptr || --module_->guest_->visits > 0) return;
  auto& [device, by_layers, parameters, at_home, visits] = *module_->guest_;
  for (std::size_t i = 0; i < at_home.size(); ++i) parameters[i].set_data(at_home[i]);
  at_home.clear();
  module_->node_->apply([](torch::nn::Module& node) {
    if (Module* const owner = static_cast<Module::Node&>(node).owner) owner->forget_old_weights();
  });
}

at::Tensor Module::declare(const std::string& name, at::IntArrayRef shape) {
  return node_->register_parameter(name, without_memory(shape), /*requires_grad=*/false);
}

void Module::add(const std::string& name, Module& module) {
  node_->register_module(name, module.node_);
}

}  // namespace velatura::layers
