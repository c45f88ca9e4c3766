#pragma once

#include <memory>

#include "core/device.h"
#include "core/interruption.h"
#include "layers/module.h"
#include "weights/layouts/model_files.h"
#include "weights/load_strict.h"
#include "weights/patchable_weights.h"

namespace velatura::families {

/// Lays a loaded network's weights out for its operators, so that its first call takes no longer than
/// those after it. Its parameters are then shapes without memory. @throws Interrupted
inline void pack_weights(layers::Module& model) {
  model.apply([](layers::Module& module) {
    end_if_cancelled();
    module.pack_weights();
  });
}

/// Where a model's weights are loaded to.
inline at::Device home_of(const Placement& placement) {
  return placement.offload == Offload::none ? placement.device : at::Device(at::kCPU);
}

/// To be called once a network has its weights: it is ready to compute, or to come to the device.
inline void settle(layers::Module& model, const Placement& placement) {
  if (placement.offload == Offload::none) {
    pack_weights(model);
  } else {
    model.offload(placement.device, placement.offload == Offload::layers);
  }
}

/// Builds a network from its config and gives it its weights.
/// @throws InputError naming the file and what does not fit
template <class Model, class Config>
std::shared_ptr<Model> load_network(const weights::Part& component, at::Device device,
                                    at::ScalarType dtype) {
  auto model = std::make_shared<Model>(Config::read(component.config));
  weights::load_strict(model->parameters(), *component.weights, device, dtype);
  return model;
}

/// The same of a codec, which is packed for the sizes that it meets.
template <class Model, class Config>
std::shared_ptr<Model> load_codec(const weights::Part& component, const Placement& placement,
                                  at::ScalarType dtype) {
  auto model = load_network<Model, Config>(component, home_of(placement), dtype);
  if (placement.offload != Offload::none) settle(*model, placement);
  return model;
}

/// The weights of a network that requests may change. Loads them. @throws as load_network()
template <class Model>
std::unique_ptr<weights::PatchableWeights> load_patchable(const std::shared_ptr<Model>& model,
                                                          const weights::Part& component,
                                                          at::Device device, at::ScalarType dtype) {
  const auto forget = [model] {
    model->apply([](layers::Module& module) { module.forget_old_weights(); });
  };
  return std::make_unique<weights::PatchableWeights>(model->parameters(), component.weights, device,
                                                     dtype, forget);
}

}  // namespace velatura::families
