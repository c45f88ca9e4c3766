#include "weights/adapters/peft_scaling.h"

#include <cmath>
#include <cstdint>
#include <optional>

#include "velatura/error.h"

namespace velatura::weights {
namespace {

constexpr const char* kKey = "lora_adapter_metadata";

bool ends_as(const std::string& layer, const std::string& pattern) {
  return layer == pattern || layer.ends_with("." + pattern);
}

}  // namespace

PeftScaling::PeftScaling(const std::map<std::string, std::string>& metadata,
                         const std::string& where) {
  const auto text = metadata.find(kKey);
  if (text == metadata.end()) return;
  const std::string place = where + ": metadata " + kKey;
  const auto json = nlohmann::json::parse(text->second, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) throw InputError(place + ": expected a JSON object");
  const auto number = [&](const std::string& key, const nlohmann::json& value) {
    if (value.is_number()) return value.get<double>();
    throw InputError(place + ": " + key + " is " + value.dump() + ", expected a number");
  };
  for (const std::string role : {"unet", "text_encoder"}) {
    Network& network = networks_[role];
    const auto member = [&](const char* name) { return json.find(role + "." + name); };
    if (const auto alpha = member("lora_alpha"); alpha != json.end() && !alpha->is_null()) {
      network.alpha = number(role + ".lora_alpha", *alpha);
    }
    if (const auto rslora = member("use_rslora"); rslora != json.end()) {
      network.rslora = rslora->is_boolean() && rslora->get<bool>();
    }
    const auto patterns = member("alpha_pattern");
    if (patterns == json.end() || !patterns->is_object()) continue;
    for (const auto& [pattern, alpha] : patterns->items()) {
      if (pattern.find_first_of("^$*+?()[]{}|\\") != pattern.npos) {
        throw InputError(place + ": alpha_pattern '" + pattern +
                         "' is a regular expression, expected the end of a layer's name");
      }
      network.alpha_pattern[pattern] = number(role + ".alpha_pattern", alpha);
    }
  }
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
