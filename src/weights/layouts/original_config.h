#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_object.h"

namespace velatura::weights {

/// One setting of an original config, under diffusers' name.
struct OriginalSetting {
  std::string key;  ///< as the file has it: "model.params.unet_config.params.in_channels"
  std::string config_key;
  nlohmann::json value;
  bool is_in_weights = false;  ///< the tensors' names and shapes tell the same
};

/// The YAML config that original checkpoints were published with (`v1-inference.yaml`,
/// `v2-inference-v.yaml`, …), as far as it changes what is computed.
struct OriginalConfig {
  std::string where;
  std::string prediction_type;  ///< diffusers' name for its parameterization
  bool open_clip = false;       ///< the text encoder is OpenCLIP's rather than transformers'
  /// Of the components by role: "unet", "vae", "scheduler".
  std::map<std::string, std::vector<OriginalSetting>, std::less<>> settings = {};
};

/// @throws InputError naming the key that is not understood, or whose value is not supported
OriginalConfig read_original_config(const std::filesystem::path& path);

/// A component's config with what only the YAML file says.
/// @param file  the checkpoint's name, for messages
/// @throws InputError where it contradicts what the weights told
ConfigObject with_settings(ConfigObject config, std::string_view role,
                           const OriginalConfig& original, const std::string& file);

}  // namespace velatura::weights
