#include "weights/layouts/single_vae.h"

#include <memory>
#include <string>
#include <utility>

#include "weights/formats/checkpoint.h"
#include "weights/layouts/known_configs.h"
#include "weights/layouts/old_names.h"
#include "weights/layouts/original_names.h"

namespace velatura::weights {
namespace {

// The families' VAEs differ in the number of levels.
ConfigObject config_of(const WeightSource& file, const std::string& fourth_level) {
  const bool fourth = file.find(fourth_level).has_value();
  return known_config(
      (fourth ? "stable-diffusion-1" : "stable-diffusion-x4-upscaler") + std::string("/vae"),
      file.where());
}

}  // namespace

Component open_single_vae(const std::filesystem::path& path) {
  const auto file = open_checkpoint(path).source;
  if (file->find("encoder.conv_in.weight") && !file->find("encoder.mid.block_1.conv1.weight")) {
    return {config_of(*file, "encoder.down_blocks.3.resnets.0.conv1.weight"),
            with_current_vae_names(file)};
  }
  for (const std::string prefix : {"first_stage_model.", ""}) {
    if (!file->find(prefix + "encoder.mid.block_1.conv1.weight")) continue;
    ConfigObject config = config_of(*file, prefix + "encoder.down.3.block.0.conv1.weight");
    auto rules = with_unmapped(original_vae_names(config.json(), prefix), *file, prefix,
                               {prefix + "loss*", prefix + "model_ema.*"});
    return {std::move(config), std::make_shared<RenamedSource>(file, rules)};
  }
  throw InputError(path.string() + ": there is no VAE of a Stable Diffusion model in it");
}

}  // namespace velatura::weights
