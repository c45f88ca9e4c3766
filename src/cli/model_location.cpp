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
  return machine;
}

}  // namespace velatura::cli
