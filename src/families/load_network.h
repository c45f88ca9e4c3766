#pragma once

#include <memory>

#include "core/device.h"
#include "layers/module.h"
#include "weights/layouts/model_files.h"
#include "weights/load_strict.h"
#include "weights/patchable_weights.h"

namespace velatura::families {

/// Where a model's weights are loaded to.
inline at::Device home_of(const Placement& placement) {
  return placement.offload == Offload::none ? placement.device : at::Device(at::kCPU);
}

/// To be called with the name of each parameter of the network that was given its tensor: lets go of what
/// was made of another before and, where weights are laid out for the operators, does that at once. The
/// memory in which a tensor was converted is then there for the next. Throws Interrupted.
weights::OnGiven laying_out(std::shared_ptr<layers::Module> model, const Placement& placement);

/// To be called once a network has all its weights: it is ready to compute, so that its first call takes no
/// longer than those after it, or to come to the device. @throws Interrupted
void settle(layers::Module& model, const Placement& placement);

/// To be called with the network that denoises before it is given its weights: they are held as the placement asks.
/// @throws ResourceError  this processor does not compute with such weights
void choose_weight_form(layers::Module& model, const Placement& placement);

/// Gives a network its weights. @throws as load_network()
void give_weights(const std::shared_ptr<layers::Module>& model, const weights::Part& component,
                  const Placement& placement);

/// Builds a network from its config and gives it its weights.
/// @throws InputError naming the file and what does not fit; Interrupted
template <class Model, class Config>
std::shared_ptr<Model> load_network(const weights::Part& component, const Placement& placement) {
  auto model = std::make_shared<Model>(Config::read(component.config));
  give_weights(model, component, placement);
  return model;
}

/// The same of one that lays its weights out for the sizes that it meets.
template <class Model, class Config>
std::shared_ptr<Model> load_unpacked(const weights::Part& component, const Placement& placement) {
  auto model = std::make_shared<Model>(Config::read(component.config));
  weights::load_strict(model->parameters(), *component.weights, home_of(placement),
                       placement.dtype);
  if (placement.offload != Offload::none) settle(*model, placement);
  return model;
}

/// The weights of a network that requests may change. Loads and settles it. @throws as load_network()
template <class Model>
std::unique_ptr<weights::PatchableWeights> load_patchable(const std::shared_ptr<Model>& model,
                                                          const weights::Part& component,
                                                          const Placement& placement) {
  auto weights = std::make_unique<weights::PatchableWeights>(model->parameters(), component.weights,
                                                             home_of(placement), placement.dtype,
                                                             laying_out(model, placement));
  settle(*model, placement);
  return weights;
}

}  // namespace velatura::families
