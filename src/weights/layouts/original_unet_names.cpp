#include "weights/layouts/original_names.h"
#include "weights/layouts/rule_list.h"

namespace velatura::weights {
namespace {

void unet_resnet(RuleList& rules, const std::string& from, const std::string& to, bool shortcut) {
  rules.layer(from + ".in_layers.0", to + ".norm1");
  rules.layer(from + ".in_layers.2", to + ".conv1");
  rules.layer(from + ".emb_layers.1", to + ".time_emb_proj");
  rules.layer(from + ".out_layers.0", to + ".norm2");
  rules.layer(from + ".out_layers.3", to + ".conv2");
  if (shortcut) rules.layer(from + ".skip_connection", to + ".conv_shortcut");
}

bool is_gated(const nlohmann::json& config) {
  return config.value("attention_type", "default") == "gated";
}

// What grounded transformer blocks have more, with the same names on both sides.
void fuser(RuleList& rules, const std::string& from, const std::string& to) {
  for (const std::string name : {".alpha_attn", ".alpha_dense", ".attn.to_q.weight",
                                 ".attn.to_k.weight", ".attn.to_v.weight"}) {
    rules.tensor(from + name, to + name);
  }
  for (const std::string layer :
       {".linear", ".attn.to_out.0", ".ff.net.0.proj", ".ff.net.2", ".norm1", ".norm2"}) {
    rules.layer(from + layer, to + layer);
  }
}

void position_net(RuleList& rules) {
  for (const std::string name : {"null_positive_feature", "null_position_feature"}) {
    rules.tensor("position_net." + name, "position_net." + name);
  }
  for (const std::string layer : {"linears.0", "linears.2", "linears.4"}) {
    rules.layer("position_net." + layer, "position_net." + layer);
  }
}

// Transformer blocks have the same names on both sides.
void transformer(RuleList& rules, const std::string& from, const std::string& to, bool gated,
                 int depth) {
  for (const std::string layer : {".norm", ".proj_in", ".proj_out"}) {
    rules.layer(from + layer, to + layer);
  }
  for (int i = 0; i < depth; ++i) {
    const std::string block = ".transformer_blocks." + std::to_string(i);
    for (const std::string attention : {".attn1", ".attn2"}) {
      for (const std::string projection : {".to_q", ".to_k", ".to_v"}) {
        const std::string name = block + attention + projection + ".weight";
        rules.tensor(from + name, to + name);
      }
      rules.layer(from + block + attention + ".to_out.0", to + block + attention + ".to_out.0");
    }
    for (const std::string layer : {".norm1", ".norm2", ".norm3", ".ff.net.0.proj", ".ff.net.2"}) {
      rules.layer(from + block + layer, to + block + layer);
    }
    if (gated) fuser(rules, from + block + ".fuser", to + block + ".fuser");
  }
}

// Of a setting given once for all levels or as a list, of a level, and of a block there.
int depth_at(const nlohmann::json& setting, std::size_t level, int block) {
  if (setting.is_null()) return 1;
  const nlohmann::json& of_level = setting.is_array() ? setting.at(level) : setting;
  return of_level.is_array() ? of_level.at(static_cast<std::size_t>(block)) : of_level;
}

constexpr const char* kDepths = "transformer_layers_per_block";

int layers_at(const nlohmann::json& config, std::size_t level) {
  const auto& layers = config.at("layers_per_block");
  return layers.is_array() ? layers.at(level) : layers;
}

// Of the transformer behind a block on the way up, whose levels are counted from the coarsest.
int up_depth_at(const nlohmann::json& config, std::size_t level, int block) {
  const auto reverse = config.value("reverse_transformer_layers_per_block", nlohmann::json());
  if (!reverse.is_null()) return depth_at(reverse, level, block);
  const std::size_t levels = config.at("up_block_types").size();
  return depth_at(config.value(kDepths, nlohmann::json()), levels - 1 - level, block);
}

// What goes into the time embedding beside the time.
void conditions(RuleList& rules, const nlohmann::json& config) {
  rules.layer("time_embed.0", "time_embedding.linear_1");
  rules.layer("time_embed.2", "time_embedding.linear_2");
  if (!config.value("time_cond_proj_dim", nlohmann::json()).is_null())
    rules.tensor("time_embed_condition.weight", "time_embedding.cond_proj.weight");
  if (!config.value("num_class_embeds", nlohmann::json()).is_null())
    rules.tensor("label_emb.weight", "class_embedding.weight");
  if (!config.value("addition_embed_type", nlohmann::json()).is_null()) {
    rules.layer("label_emb.0.0", "add_embedding.linear_1");
    rules.layer("label_emb.0.2", "add_embedding.linear_2");
  }
}

// All but the way up.
void trunk(RuleList& rules, const nlohmann::json& config) {
  const auto channels = config.at("block_out_channels").get<std::vector<std::int64_t>>();
  const auto down_types = config.at("down_block_types").get<std::vector<std::string>>();
  const nlohmann::json depths = config.value(kDepths, nlohmann::json());
  const std::size_t levels = channels.size();
  const bool gated = is_gated(config);
  conditions(rules, config);
  rules.layer("input_blocks.0.0", "conv_in");
  int input = 1;  // the original layout counts the blocks through all levels
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string block = "down_blocks." + std::to_string(level);
    for (int i = 0; i < layers_at(config, level); ++i, ++input) {
      const std::string from = "input_blocks." + std::to_string(input);
      const std::string index = std::to_string(i);
      const bool widens = i == 0 && level > 0 && channels[level] != channels[level - 1];
      unet_resnet(rules, from + ".0", block + ".resnets." + index, widens);
      if (down_types[level] == "CrossAttnDownBlock2D") {
        transformer(rules, from + ".1", block + ".attentions." + index, gated,
                    depth_at(depths, level, i));
      }
    }
    if (level + 1 < levels) {
      rules.layer("input_blocks." + std::to_string(input++) + ".0.op",
                  block + ".downsamplers.0.conv");
    }
  }
  unet_resnet(rules, "middle_block.0", "mid_block.resnets.0", false);
  if (config.value("mid_block_type", "") == "UNetMidBlock2D") return;
  transformer(rules, "middle_block.1", "mid_block.attentions.0", gated,
              depth_at(depths, levels - 1, 0));
  unet_resnet(rules, "middle_block.2", "mid_block.resnets.1", false);
}

}  // namespace

std::vector<NameRule> original_unet_names(const nlohmann::json& config, const std::string& prefix) {
  const auto up_types = config.at("up_block_types").get<std::vector<std::string>>();
  const std::size_t levels = up_types.size();
  const bool gated = is_gated(config);
  RuleList rules(prefix);
  trunk(rules, config);
  int output = 0;
  for (std::size_t level = 0; level < levels; ++level) {
    const std::string block = "up_blocks." + std::to_string(level);
    const bool attends = up_types[level] == "CrossAttnUpBlock2D";
    const int layers = layers_at(config, levels - 1 - level);
    for (int i = 0; i <= layers; ++i, ++output) {
      const std::string from = "output_blocks." + std::to_string(output);
      const std::string index = std::to_string(i);
      unet_resnet(rules, from + ".0", block + ".resnets." + index, true);
      if (attends) {
        transformer(rules, from + ".1", block + ".attentions." + index, gated,
                    up_depth_at(config, level, i));
      }
      if (i == layers && level + 1 < levels) {
        rules.layer(from + (attends ? ".2.conv" : ".1.conv"), block + ".upsamplers.0.conv");
      }
    }
  }
  rules.layer("out.0", "conv_norm_out");
  rules.layer("out.2", "conv_out");
  if (gated) position_net(rules);
  return rules.take();
}

std::vector<NameRule> original_unet_ema_names(const nlohmann::json& config,
                                              const std::string& prefix) {
  auto rules = original_unet_names(config, "diffusion_model.");
  for (NameRule& rule : rules) {
    std::erase(rule.from, '.');
    rule.from = prefix + rule.from;
  }
  return rules;
}

std::vector<NameRule> original_controlnet_names(const nlohmann::json& unet,
                                                const nlohmann::json& config,
                                                const std::string& prefix) {
  RuleList rules(prefix);
  trunk(rules, unet);
  const std::string hint = "input_hint_block.", embedding = "controlnet_cond_embedding.";
  const std::size_t levels = config.at("conditioning_embedding_out_channels").size();
  rules.layer(hint + "0", embedding + "conv_in");
  int at = 2;  // between them stand the activations
  for (std::size_t i = 0; i + 1 < 2 * levels - 1; ++i, at += 2) {
    rules.layer(hint + std::to_string(at), embedding + "blocks." + std::to_string(i));
  }
  rules.layer(hint + std::to_string(at), embedding + "conv_out");
  const int layers = unet.at("layers_per_block");
  const int skips = static_cast<int>(unet.at("block_out_channels").size()) * (layers + 1);
  for (int i = 0; i < skips; ++i) {
    rules.layer("zero_convs." + std::to_string(i) + ".0",
                "controlnet_down_blocks." + std::to_string(i));
  }
  rules.layer("middle_block_out.0", "controlnet_mid_block");
  return rules.take();
}

std::vector<std::string> unused_ema_names(const nlohmann::json&, const std::string& prefix) {
  return {prefix + "decay", prefix + "num_updates"};
}

}  // namespace velatura::weights
