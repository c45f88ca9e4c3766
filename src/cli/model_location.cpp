#include "cli/model_location.h"

namespace velatura::cli {

weights::ModelQuery model_query(const PictureOptions& options) {
  return {.model = options.model,
          .vae = options.vae,
          .models_folder = options.folders.models,
          .bundled = options.bundled};
}

ModelOptions located_model(const PictureOptions& options) {
  const weights::ModelQuery query = model_query(options);
  ModelOptions machine = options.machine;
  machine.model = weights::locate_model(query);
  machine.vae = weights::locate_vae(query, machine.model);
  machine.refiner = located_refiner(options);
  return machine;
}

std::filesystem::path located_refiner(const PictureOptions& options) {
  const std::string name = options.machine.refiner.string();
  if (name.empty()) return {};
  return weights::locate_model({.model = name, .models_folder = options.folders.models});
}

}  // namespace velatura::cli
