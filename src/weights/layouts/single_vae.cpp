#include "weights/layouts/single_vae.h"

#include <string>
#include <utility>

#include "weights/formats/checkpoint.h"
#include "weights/layouts/old_names.h"
#include "weights/layouts/original_layout.h"

namespace velatura::weights {
namespace {

// The families' VAEs differ in the number of levels: the first family whose last level is there.
// @param begin, end  of the name of a tensor of each level, around its number
const Family& family_of(const WeightSource& file, const std::string& begin,
                        const std::string& end) {
  for (const Family& family : families()) {
    const auto levels = family.config("vae", file.where()).json().at("block_out_channels").size();
    if (file.find(begin + std::to_string(levels - 1) + end)) return family;
  }
  return families().back();
}

}  // namespace

Part vae_part(ConfigObject config, std::shared_ptr<const WeightSource> weights) {
  return {.role = "vae",
          .library = "diffusers",
          .class_name = "AutoencoderKL",
          .config = std::move(config),
          .weights = std::move(weights)};
}

Part open_single_vae(const std::filesystem::path& path) {
  const auto file = open_checkpoint(path).source;
  if (file->find("encoder.conv_in.weight") && !file->find("encoder.mid.block_1.conv1.weight")) {
    const Family& family = family_of(*file, "encoder.down_blocks.", ".resnets.0.conv1.weight");
    return vae_part(family.config("vae", file->where()), with_current_vae_names(file));
  }
  for (const std::string prefix : {"first_stage_model.", ""}) {
    if (!file->find(prefix + "encoder.mid.block_1.conv1.weight")) continue;
    const Family& family = family_of(*file, prefix + "encoder.down.", ".block.0.conv1.weight");
    const ConfigObject config = family.config("vae", file->where());
    OriginalTensors tensors = family.find("vae")->tensors;
    tensors.prefix = prefix;
    return vae_part(
        config,
        from_original_layout(file, tensors, tensors.names(config.json(), prefix), config.json()));
  }
  throw InputError(path.string() + ": there is no VAE of a Stable Diffusion model in it");
}

}  // namespace velatura::weights
