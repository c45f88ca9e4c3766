#include "weights/layouts/original_names.h"
#include "weights/layouts/rule_list.h"

namespace velatura::weights {
namespace {

// timm's ResNetV2, in the place of the vision transformer's patches.
void backbone(RuleList& rules, const std::vector<int>& depths) {
  const std::string from = "pretrained.model.patch_embed.backbone.";
  const std::string to = "dpt.embeddings.backbone.bit.";
  rules.tensor(from + "stem.conv.weight", to + "embedder.convolution.weight");
  rules.layer(from + "stem.norm", to + "embedder.norm");
  for (std::size_t stage = 0; stage < depths.size(); ++stage) {
    for (int i = 0; i < depths[stage]; ++i) {
      const std::string index = std::to_string(i), level = "stages." + std::to_string(stage);
      const std::string block = from + level + ".blocks." + index;
      const std::string layer = to + "encoder." + level + ".layers." + index;
      if (i == 0) {
        rules.tensor(block + ".downsample.conv.weight", layer + ".downsample.conv.weight");
        rules.layer(block + ".downsample.norm", layer + ".downsample.norm");
      }
      for (const std::string n : {"1", "2", "3"}) {
        rules.tensor(block + ".conv" + n + ".weight", layer + ".conv" + n + ".weight");
        rules.layer(block + ".norm" + n, layer + ".norm" + n);
      }
    }
  }
}

void transformer(RuleList& rules, int layers) {
  const std::string from = "pretrained.model.", to = "dpt.embeddings.";
  rules.tensor(from + "cls_token", to + "cls_token");
  rules.tensor(from + "pos_embed", to + "position_embeddings");
  rules.layer(from + "patch_embed.proj", to + "projection");
  for (int i = 0; i < layers; ++i) {
    const std::string block = from + "blocks." + std::to_string(i);
    const std::string layer = "dpt.encoder.layer." + std::to_string(i);
    rules.layer(block + ".norm1", layer + ".layernorm_before");
    rules.layer(block + ".norm2", layer + ".layernorm_after");
    rules.fused(block + ".attn.qkv.", layer + ".attention.attention.", {"query", "key", "value"});
    rules.layer(block + ".attn.proj", layer + ".attention.output.dense");
    rules.layer(block + ".mlp.fc1", layer + ".intermediate.dense");
    rules.layer(block + ".mlp.fc2", layer + ".output.dense");
  }
  rules.layer(from + "norm", "dpt.layernorm");
}

// Only the two maps that come from the transformer are reassembled; MiDaS counts maps from 1.
void neck(RuleList& rules) {
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"3", "2"}, {"4", "3"}}) {
    const std::string post = "pretrained.act_postprocess" + from, stage = "neck.reassemble_stage.";
    rules.layer(post + ".0.project.0", stage + "readout_projects." + to + ".0");
    rules.layer(post + ".3", stage + "layers." + to + ".projection");
  }
  rules.layer("pretrained.act_postprocess4.4", "neck.reassemble_stage.layers.3.resize");
  for (int i = 0; i < 4; ++i) {
    rules.tensor("scratch.layer" + std::to_string(i + 1) + "_rn.weight",
                 "neck.convs." + std::to_string(i) + ".weight");
    const std::string from = "scratch.refinenet" + std::to_string(4 - i);  // coarsest last there
    const std::string to = "neck.fusion_stage.layers." + std::to_string(i);
    rules.layer(from + ".out_conv", to + ".projection");
    for (const std::string unit : {"1", "2"}) {
      for (const std::string conv : {"1", "2"}) {
        rules.layer(from + ".resConfUnit" + unit + ".conv" + conv,
                    to + ".residual_layer" + unit + ".convolution" + conv);
      }
    }
  }
}

}  // namespace

std::vector<NameRule> original_depth_names(const nlohmann::json& config,
                                           const std::string& prefix) {
  RuleList rules(prefix + "model.");
  backbone(rules, config.at("backbone_config").at("depths").get<std::vector<int>>());
  transformer(rules, config.at("num_hidden_layers"));
  neck(rules);
  for (const std::string layer : {".0", ".2", ".4"}) {
    rules.layer("scratch.output_conv" + layer, "head.head" + layer);
  }
  return rules.take();
}

std::vector<std::string> unused_depth_names(const nlohmann::json&, const std::string& prefix) {
  return {prefix + "model.pretrained.model.head.*"};  // what its transformer was first trained for
}

}  // namespace velatura::weights
