#include "weights/adapters/peft_scaling.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include "core/config_object.h"
#include "core/file_status.h"
#include "velatura/error.h"

namespace velatura::weights {
namespace {

constexpr const char* kKey = "lora_adapter_metadata";
constexpr std::array kRoles{"unet", "text_encoder"};

bool ends_as(const std::string& layer, const std::string& pattern) {
  return layer == pattern || layer.ends_with("." + pattern);
}

}  // namespace

PeftScaling::Network PeftScaling::read(const nlohmann::json& config, const std::string& prefix,
                                       const std::string& place) {
  const auto number = [&](const std::string& key, const nlohmann::json& value) {
    if (value.is_number()) return value.get<double>();
    throw InputError(place + ": " + key + " is " + value.dump() + ", expected a number");
  };
  Network network;
  const auto member = [&](const char* name) { return config.find(prefix + name); };
  for (const char* name : {"alpha", "lora_alpha"}) {  // of LoHa and LoKr; of LoRA
    const auto alpha = member(name);
    if (alpha != config.end() && !alpha->is_null()) network.alpha = number(prefix + name, *alpha);
  }
  if (const auto rslora = member("use_rslora"); rslora != config.end()) {
    network.rslora = rslora->is_boolean() && rslora->get<bool>();
  }
  const auto patterns = member("alpha_pattern");
  if (patterns == config.end() || !patterns->is_object()) return network;
  for (const auto& [pattern, alpha] : patterns->items()) {
    if (pattern.find_first_of("^$*+?()[]{}|\\") != pattern.npos) {
      throw InputError(place + ": alpha_pattern '" + pattern +
                       "' is a regular expression, expected the end of a layer's name");
    }
    network.alpha_pattern[pattern] = number(prefix + "alpha_pattern", alpha);
  }
  return network;
}

PeftScaling::PeftScaling(const std::filesystem::path& file,
                         const std::map<std::string, std::string>& metadata) {
  if (const auto text = metadata.find(kKey); text != metadata.end()) {
    const std::string place = file.string() + ": metadata " + kKey;
    const auto json = nlohmann::json::parse(text->second, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) throw InputError(place + ": expected a JSON object");
    for (const std::string role : kRoles) networks_[role] = read(json, role + ".", place);
    return;
  }
  const auto beside = file.parent_path() / "adapter_config.json";
  if (file.stem() != "adapter_model" || !is_there(beside)) return;
  const auto config = read_json(beside);
  for (const std::string role : kRoles) networks_[role] = read(config, "", beside.string());
}

double PeftScaling::scale(const std::string& role, const std::string& layer,
                          std::optional<double> alpha, std::int64_t rank) const {
  const auto found = networks_.find(role);
  const Network network = found == networks_.end() ? Network{} : found->second;
  if (!alpha) {
    alpha = network.alpha;
    for (const auto& [pattern, value] : network.alpha_pattern) {
      if (ends_as(layer, pattern)) alpha = value;
    }
  }
  if (!alpha) return 1.0;
  const auto r = static_cast<double>(rank);
  return *alpha / (network.rslora ? std::sqrt(r) : r);
}

}  // namespace velatura::weights
