#pragma once

#include <memory>

#include "weights/layouts/model_files.h"
#include "weights/load_strict.h"

namespace velatura::families {

/// Builds a network from its config and gives it its weights.
/// @throws InputError naming the file and what does not fit
template <class Model, class Config>
std::shared_ptr<Model> load_network(const weights::Part& component, at::Device device,
                                    at::ScalarType dtype) {
  const auto model = std::make_shared<Model>(Config::read(component.config));
  weights::load_strict(model->parameters(), *component.weights, device, dtype);
  return model;
}

}  // namespace velatura::families
