#include "weights/layouts/original_names.h"
#include "weights/layouts/rule_list.h"

namespace velatura::weights {
namespace {

void vae_resnet(RuleList& rules, const std::string& from, const std::string& to, bool shortcut) {
  for (const std::string layer : {".norm1", ".conv1", ".norm2", ".conv2"}) {
    rules.layer(from + layer, to + layer);
  }
  if (shortcut) rules.layer(from + ".nin_shortcut", to + ".conv_shortcut");
}

// The original attends with 1x1 convolutions, diffusers with linear layers.
void middle(RuleList& rules, const std::string& half) {
  const std::string from = half + ".mid", to = half + ".mid_block";
  vae_resnet(rules, from + ".block_1", to + ".resnets.0", false);
  rules.layer(from + ".attn_1.norm", to + ".attentions.0.group_norm");
  rules.layer(from + ".attn_1.q", to + ".attentions.0.to_q", Transform::squeeze);
  rules.layer(from + ".attn_1.k", to + ".attentions.0.to_k", Transform::squeeze);
  rules.layer(from + ".attn_1.v", to + ".attentions.0.to_v", Transform::squeeze);
  rules.layer(from + ".attn_1.proj_out", to + ".attentions.0.to_out.0", Transform::squeeze);
  vae_resnet(rules, from + ".block_2", to + ".resnets.1", false);
}

void ends(RuleList& rules, const std::string& half) {
  rules.layer(half + ".conv_in", half + ".conv_in");
  rules.layer(half + ".norm_out", half + ".conv_norm_out");
  rules.layer(half + ".conv_out", half + ".conv_out");
}

}  // namespace

std::vector<NameRule> original_vae_names(const nlohmann::json& config, const std::string& prefix) {
  const auto channels = config.at("block_out_channels").get<std::vector<std::int64_t>>();
  const int layers = config.at("layers_per_block");
  const std::size_t levels = channels.size();

  RuleList rules(prefix);
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string from = "encoder.down." + std::to_string(level);
    const std::string to = "encoder.down_blocks." + std::to_string(level);
    for (int i = 0; i < layers; ++i) {
      const bool widens = i == 0 && level > 0 && channels[level] != channels[level - 1];
      vae_resnet(rules, from + ".block." + std::to_string(i), to + ".resnets." + std::to_string(i),
                 widens);
    }
    if (level + 1 < levels) rules.layer(from + ".downsample.conv", to + ".downsamplers.0.conv");
  }
  // The original counts the decoder's levels from the full resolution, diffusers from the latents.
  for (std::size_t level = 0; level < levels; ++level) {
    const std::size_t original = levels - 1 - level;
    const std::string from = "decoder.up." + std::to_string(original);
    const std::string to = "decoder.up_blocks." + std::to_string(level);
    for (int i = 0; i <= layers; ++i) {
      const bool narrows = i == 0 && level > 0 && channels[original] != channels[original + 1];
      vae_resnet(rules, from + ".block." + std::to_string(i), to + ".resnets." + std::to_string(i),
                 narrows);
    }
    if (level + 1 < levels) rules.layer(from + ".upsample.conv", to + ".upsamplers.0.conv");
  }
  for (const std::string half : {"encoder", "decoder"}) {
    ends(rules, half);
    middle(rules, half);
  }
  rules.layer("quant_conv", "quant_conv");
  rules.layer("post_quant_conv", "post_quant_conv");
  return rules.take();
}

std::vector<std::string> unused_vae_names(const nlohmann::json&, const std::string& prefix) {
  return {prefix + "loss*", prefix + "model_ema.*"};
}

}  // namespace velatura::weights
