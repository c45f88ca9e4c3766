#include "weights/adapters/adapted_layers.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <utility>

#include "weights/layouts/original_names.h"

namespace velatura::weights {
namespace {

constexpr std::string_view kTextModel = "text_model.";

// What diffusers' classes have where a config says nothing.
nlohmann::json with_defaults(const nlohmann::json& config) {
  const std::string cross_down = "CrossAttnDownBlock2D", cross_up = "CrossAttnUpBlock2D";
  nlohmann::json all{{"block_out_channels", {320, 640, 1280, 1280}},
                     {"down_block_types", {cross_down, cross_down, cross_down, "DownBlock2D"}},
                     {"up_block_types", {"UpBlock2D", cross_up, cross_up, cross_up}},
                     {"layers_per_block", 2}};
  all.update(config);
  return all;
}

// "a.b.weight": {"a.b", "weight"}
std::pair<std::string, std::string> split_leaf(const std::string& parameter) {
  const auto dot = parameter.rfind('.');
  return {parameter.substr(0, dot), parameter.substr(dot + 1)};
}

std::string underscored(std::string name) {
  std::ranges::replace(name, '.', '_');
  return name;
}

// A projection as attention processors and monkey patches of diffusers had it: `to_out` for
// `to_out.0`, and in text encoders `to_q` for `q_proj`. Empty: it is none.
std::string old_projection(const std::string& layer, std::string_view before) {
  constexpr auto kSpellings = std::to_array<std::pair<std::string_view, std::string_view>>({
      {".to_q", "to_q"},
      {".to_k", "to_k"},
      {".to_v", "to_v"},
      {".to_out.0", "to_out"},
      {".q_proj", "to_q"},
      {".k_proj", "to_k"},
      {".v_proj", "to_v"},
      {".out_proj", "to_out"},
  });
  for (const auto& [ending, spelling] : kSpellings) {
    if (!layer.ends_with(ending)) continue;
    return layer.substr(0, layer.size() - ending.size()) + std::string(before) +
           std::string(spelling);
  }
  return "";
}

}  // namespace

std::vector<const AdaptedLayer*> AdaptedLayers::add_layers(const std::string& role,
                                                           const Parameters& parameters) {
  std::map<std::string, AdaptedLayer*> found;
  std::vector<const AdaptedLayer*> added;
  for (const auto& [parameter, tensor] : parameters) {
    const auto [name, leaf] = split_leaf(parameter);
    if (leaf != "weight" && leaf != "bias") continue;
    AdaptedLayer*& layer = found[name];
    if (layer == nullptr) {
      layer = &layers_.emplace_back(AdaptedLayer{role, name});
      added.push_back(layer);
    }
    (leaf == "weight" ? layer->weight : layer->bias) = tensor.sizes().vec();
  }
  return added;
}

void AdaptedLayers::add_dotted(const AdaptedLayer& layer, const std::string& name,
                               std::initializer_list<const char*> prefixes) {
  for (const char* prefix : prefixes) by_spelling_.emplace(prefix + name, &layer);
}

void AdaptedLayers::add_underscored(const AdaptedLayer& layer, const std::string& name,
                                    std::initializer_list<const char*> prefixes) {
  for (const char* prefix : prefixes) by_spelling_.emplace(prefix + underscored(name), &layer);
}

void AdaptedLayers::add_unet(const Parameters& parameters, const nlohmann::json& config) {
  std::map<std::string, const AdaptedLayer*> by_name;
  for (const AdaptedLayer* layer : add_layers("unet", parameters)) {
    by_name[layer->name] = layer;
    add_dotted(*layer, layer->name, {"unet.", "", "base_model.model."});
    add_underscored(*layer, layer->name, {"lora_unet_", "lycoris_"});
    const std::string old = old_projection(layer->name, ".processor.");
    if (!old.empty()) add_dotted(*layer, old, {"unet.", ""});
  }
  for (const NameRule& rule : original_unet_names(with_defaults(config), "")) {
    const auto layer = by_name.find(split_leaf(rule.to).first);
    if (layer == by_name.end()) continue;
    const std::string original = split_leaf(rule.from).first;
    add_dotted(*layer->second, original, {"diffusion_model."});
    add_underscored(*layer->second, original, {"lora_unet_"});
  }
}

void AdaptedLayers::add_text_encoder(const std::string& role, const Parameters& parameters) {
  const bool second = role != "text_encoder";
  for (const AdaptedLayer* layer : add_layers(role, parameters)) {
    const std::string old = old_projection(layer->name, ".");
    const std::size_t prefix = layer->name.starts_with(kTextModel) ? kTextModel.size() : 0;
    for (const std::size_t begin : {std::size_t{0}, prefix}) {
      const std::string name = layer->name.substr(begin);
      const std::string before = old.empty() ? "" : old.substr(begin);
      if (second) {
        add_dotted(*layer, name, {"text_encoder_2."});
        add_underscored(*layer, name, {"lora_te2_"});
        if (!old.empty()) add_dotted(*layer, before, {"text_encoder_2."});
        continue;
      }
      add_dotted(*layer, name, {"text_encoder.", "", "base_model.model."});
      add_underscored(*layer, name, {"lora_te_", "lora_te1_", "lycoris_"});
      if (!old.empty()) add_dotted(*layer, before, {"text_encoder.", ""});
    }
  }
}

const AdaptedLayer* AdaptedLayers::find(std::string_view spelling) const {
  const auto found = by_spelling_.find(spelling);
  return found == by_spelling_.end() ? nullptr : found->second;
}

}  // namespace velatura::weights
