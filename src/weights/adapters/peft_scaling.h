#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace velatura::weights {

/// What PEFT's config says of the scale: as diffusers writes it into a file's metadata
/// (`lora_adapter_metadata`: `unet.lora_alpha`, `unet.alpha_pattern`, `unet.use_rslora`, …), or as
/// PEFT does into `adapter_config.json` beside `adapter_model.safetensors`.
class PeftScaling {
 public:
  /// One that says nothing.
  PeftScaling() = default;

  /// @param file  the adapter @param metadata  in it
  /// @throws InputError for what cannot be read, or patterns that are regular expressions
  PeftScaling(const std::filesystem::path& file,
              const std::map<std::string, std::string>& metadata);

  /// @param role    of the layer's network: "unet"
  /// @param layer   its name there, without `text_model.` or with it
  /// @param alpha   the file's own for this layer; nothing: the config's, else 1 is the scale
  /// @return alpha / rank, or alpha / √rank (rsLoRA)
  double scale(const std::string& role, const std::string& layer, std::optional<double> alpha,
               std::int64_t rank) const;

 private:
  struct Network {
    std::optional<double> alpha;
    std::map<std::string, double> alpha_pattern;  ///< by the end of a layer's name
    bool rslora = false;
  };
  static Network read(const nlohmann::json& config, const std::string& prefix,
                      const std::string& place);
  std::map<std::string, Network> networks_;  ///< by role
};

}  // namespace velatura::weights
