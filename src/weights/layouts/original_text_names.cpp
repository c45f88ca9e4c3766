#include "weights/layouts/original_names.h"
#include "weights/layouts/rule_list.h"

namespace velatura::weights {

std::vector<NameRule> original_clip_names(const nlohmann::json& config, const std::string& prefix) {
  const int layers = config.at("num_hidden_layers");
  RuleList rules(prefix + "transformer.");
  for (const std::string from : {"text_model.", ""}) {
    const std::string to = "text_model.";
    for (const std::string table : {"token_embedding", "position_embedding"}) {
      rules.tensor(from + "embeddings." + table + ".weight",
                   to + "embeddings." + table + ".weight");
    }
    for (int i = 0; i < layers; ++i) {
      const std::string layer = "encoder.layers." + std::to_string(i);
      for (const std::string part :
           {".self_attn.q_proj", ".self_attn.k_proj", ".self_attn.v_proj", ".self_attn.out_proj",
            ".layer_norm1", ".layer_norm2", ".mlp.fc1", ".mlp.fc2"}) {
        rules.layer(from + layer + part, to + layer + part);
      }
    }
    rules.layer(from + "final_layer_norm", to + "final_layer_norm");
  }
  return rules.take();
}

namespace {

void open_clip(RuleList& rules, const nlohmann::json& config) {
  const int layers = config.at("num_hidden_layers");
  rules.tensor("token_embedding.weight", "text_model.embeddings.token_embedding.weight");
  rules.tensor("positional_embedding", "text_model.embeddings.position_embedding.weight");
  for (int i = 0; i < layers; ++i) {
    const std::string from = "transformer.resblocks." + std::to_string(i);
    const std::string to = "text_model.encoder.layers." + std::to_string(i);
    rules.layer(from + ".ln_1", to + ".layer_norm1");
    rules.layer(from + ".ln_2", to + ".layer_norm2");
    rules.layer(from + ".mlp.c_fc", to + ".mlp.fc1");
    rules.layer(from + ".mlp.c_proj", to + ".mlp.fc2");
    rules.layer(from + ".attn.out_proj", to + ".self_attn.out_proj");
    rules.fused(from + ".attn.in_proj_", to + ".self_attn.", {"q_proj", "k_proj", "v_proj"});
  }
  rules.layer("ln_final", "text_model.final_layer_norm");
}

}  // namespace

std::vector<NameRule> original_open_clip_names(const nlohmann::json& config,
                                               const std::string& prefix) {
  RuleList rules(prefix + "model.");
  open_clip(rules, config);
  return rules.take();
}

std::vector<NameRule> original_projecting_open_clip_names(const nlohmann::json& config,
                                                          const std::string& prefix) {
  RuleList rules(prefix + "model.");
  open_clip(rules, config);
  rules.tensor("text_projection", "text_projection.weight", Transform::transpose);
  return rules.take();
}

std::vector<std::string> unused_text_names(const nlohmann::json& config,
                                           const std::string& prefix) {
  const auto unused_layer = config.at("num_hidden_layers").get<int>();
  return {"*position_ids", "*logit_scale", "*text_projection*", "*attn_mask",
          prefix + "model.transformer.resblocks." + std::to_string(unused_layer) + ".*"};
}

std::vector<std::string> unused_projecting_names(const nlohmann::json&, const std::string&) {
  return {"*position_ids", "*logit_scale", "*attn_mask"};
}

}  // namespace velatura::weights
