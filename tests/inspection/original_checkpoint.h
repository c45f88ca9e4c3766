#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "models/clip_text/clip_text_model.h"
#include "models/unet/unet_2d_condition_model.h"
#include "models/vae/autoencoder_kl.h"
#include "support/sparse_safetensors.h"
#include "weights/layouts/known_configs.h"
#include "weights/layouts/original_names.h"

namespace velatura::testing {

/// Shapes that a module's parameters have in the original layout.
inline Shapes original_shapes(const layers::Module& module,
                              const std::vector<weights::NameRule>& rules) {
  using weights::Transform;
  std::map<std::string, std::vector<std::int64_t>> parameters;
  for (const auto& [name, parameter] : module.parameters()) {
    parameters[name] = parameter.sizes().vec();
  }
  Shapes shapes;
  for (const weights::NameRule& rule : rules) {
    std::vector<std::int64_t> shape = parameters.at(rule.to);
    if (rule.transform == Transform::squeeze && shape.size() == 2) {
      shape.insert(shape.end(), {1, 1});
    } else if (rule.transform == Transform::first_third ||
               rule.transform == Transform::second_third ||
               rule.transform == Transform::last_third) {
      shape[0] *= 3;
    }
    shapes[rule.from] = shape;
  }
  return shapes;
}

/// All tensors of a checkpoint in the original layout. @param family  a folder of models/configs
inline Shapes original_checkpoint(const std::string& family, std::int64_t in_channels) {
  const auto config = [&](const std::string& part) {
    return weights::known_config(family + "/" + part, "test");
  };
  const ConfigObject unet = config("unet").with("in_channels", in_channels);
  const ConfigObject vae = config("vae"), text = config("text_encoder");
  Shapes all = original_shapes(models::UNet2DConditionModel(models::UNetConfig::read(unet)),
                               weights::original_unet_names(unet.json()));
  all.merge(original_shapes(models::AutoencoderKL(models::VaeConfig::read(vae)),
                            weights::original_vae_names(vae.json())));
  auto names = family == "stable-diffusion-1" ? weights::original_clip_names(text.json())
                                              : weights::original_open_clip_names(text.json());
  std::erase_if(names, [](const weights::NameRule& rule) {  // the other of two spellings
    return rule.from.starts_with("cond_stage_model.transformer.") &&
           !rule.from.starts_with("cond_stage_model.transformer.text_model.");
  });
  all.merge(original_shapes(models::ClipTextModel(models::ClipTextConfig::read(text)), names));
  return all;
}

}  // namespace velatura::testing
