#include "cli/model_location.h"

#include "core/file_status.h"
#include "core/path_name.h"

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
  machine.prior = located_prior(options, machine.model);
  return machine;
}

std::filesystem::path located_refiner(const PictureOptions& options) {
  const std::string name = options.machine.refiner.string();
  if (name.empty()) return {};
  return weights::locate_model({.model = name, .models_folder = options.folders.models});
}

std::filesystem::path located_prior(const PictureOptions& options,
                                    const std::filesystem::path& model) {
  const std::string name = options.machine.prior.string();
  if (name.empty()) return {};
  const auto beside = without_last_slash(model).parent_path() / name;
  if (!is_there(name) && is_folder(beside)) return beside;
  return weights::locate_model({.model = name, .models_folder = options.folders.models});
}

}  // namespace velatura::cli
