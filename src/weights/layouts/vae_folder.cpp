#include "weights/layouts/vae_folder.h"

#include <utility>

#include "core/config_object.h"
#include "core/text.h"
#include "weights/layouts/old_names.h"
#include "weights/layouts/single_vae.h"
#include "weights/layouts/weight_files.h"

namespace velatura::weights {

namespace {

// A file of weights alone says nothing of how latents are scaled: as the model has them.
ConfigObject scaled_as(ConfigObject config, const nlohmann::json& own) {
  for (const char* key : {"scaling_factor", "latents_mean", "latents_std", "force_upcast"})
    if (own.contains(key)) config = config.with(key, own.at(key));
  return config;
}

// A VAE of another family makes noise of these latents.
void check_scaling(const std::filesystem::path& path, const ConfigObject& config,
                   const nlohmann::json& own) {
  constexpr double kUsual = 0.18215;  // in diffusers where a config says nothing
  const double found = config.json().value("scaling_factor", kUsual);
  const double wanted = own.value("scaling_factor", kUsual);
  if (found == wanted) return;
  throw InputError(path.string() + ": is a VAE whose latents are scaled by " + number_text(found) +
                   ", the model's are by " + number_text(wanted) +
                   ": it is for another family of models");
}

}  // namespace

Part open_vae_for(const ConfigObject& own, const std::filesystem::path& path,
                  const std::string& variant) {
  Part part = open_vae(path, variant);
  if (std::filesystem::is_regular_file(path)) {
    part.config = scaled_as(std::move(part.config), own.json());
  } else {
    check_scaling(path, part.config, own.json());
  }
  return part;
}

Part open_vae(const std::filesystem::path& path, const std::string& variant) {
  if (std::filesystem::is_regular_file(path)) return open_single_vae(path);
  const auto place = std::filesystem::exists(path / "vae") ? path / "vae" : path;
  const auto config = place / "config.json";
  if (!std::filesystem::exists(config)) {
    throw InputError(path.string() + ": not a VAE folder: there is no " + config.string());
  }
  return vae_part(
      ConfigObject(config.string(), read_json(config)),
      with_current_vae_names(open_weight_files(place, "diffusion_pytorch_model", variant).source));
}

}  // namespace velatura::weights
