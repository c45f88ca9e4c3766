#pragma once

#include <algorithm>
#include <string>

#include "weights/layouts/family.h"
#include "weights/layouts/known_configs.h"
#include "weights/tensors.h"

namespace velatura::weights::testing {

inline const std::string kUNet = "model.diffusion_model.";
inline const std::string kConvIn = kUNet + "input_blocks.0.0.weight";

/// Adds a tensor of its own numbers under every name that the rules start from, as small as its
/// transform lets it be.
inline void add(Tensors& tensors, const std::vector<NameRule>& rules) {
  for (const NameRule& rule : rules) {
    at::Tensor tensor = counting({3});
    if (rule.transform == Transform::squeeze) tensor = counting({2, 2, 1, 1});
    if (rule.transform >= Transform::first_third) tensor = counting({6});
    tensors.try_emplace(rule.from, tensor + static_cast<double>(tensors.size()));
  }
}

/// @param configs  the family's, a folder of models/configs
inline const Family& family(const std::string& configs, std::int64_t in_channels) {
  return *std::ranges::find_if(families(), [&](const Family& family) {
    return family.configs == configs && family.in_channels == in_channels;
  });
}

/// A checkpoint with every name of its family; only the tensors that tell what it is have their
/// shape, the others are a few numbers.
inline Tensors family_checkpoint(const std::string& configs, std::int64_t in_channels) {
  Tensors tensors;
  for (const OriginalPart& part : family(configs, in_channels).parts) {
    auto names = original_names(family(configs, in_channels), part);
    std::erase_if(names, [](const NameRule& rule) {  // the other spelling
      return rule.from.find(".transformer.") != std::string::npos &&
             rule.from.find(".transformer.text_model.") == std::string::npos &&
             rule.from.find(".transformer.resblocks.") == std::string::npos;
    });
    add(tensors, names);
  }
  const auto unet = known_config(configs + "/unet", "test").json();
  const bool deeper = unet.at("down_block_types")[0] == "DownBlock2D";
  const std::string block = deeper ? "4.1" : "1.1";
  if (unet.contains("addition_embed_type")) {
    tensors[kUNet + "label_emb.0.0.weight"] =
        counting({1, unet.at("projection_class_embeddings_input_dim").get<std::int64_t>()});
  }
  tensors[kConvIn] =
      counting({unet.at("block_out_channels")[0].get<std::int64_t>(), in_channels, 1, 1});
  tensors[kUNet + "input_blocks." + block + ".transformer_blocks.0.attn2.to_k.weight"] =
      counting({1, unet.at("cross_attention_dim").get<std::int64_t>()});
  const bool linear = unet.value("use_linear_projection", false);
  tensors[kUNet + "input_blocks." + block + ".proj_in.weight"] =
      linear ? counting({1, 1}) : counting({1, 1, 1, 1});
  return tensors;
}

}  // namespace velatura::weights::testing
