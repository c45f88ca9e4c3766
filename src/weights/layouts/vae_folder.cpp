#include "weights/layouts/vae_folder.h"

#include "core/config_object.h"
#include "weights/layouts/old_names.h"
#include "weights/layouts/single_vae.h"
#include "weights/layouts/weight_files.h"

namespace velatura::weights {

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
