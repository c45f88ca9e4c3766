#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// A network that steers a UNet from beside it, a ControlNet or a T2I-Adapter, as it is stored.
struct ControlFiles {
  std::filesystem::path origin;  ///< folder or file it was opened from
  std::string class_name = {};   ///< diffusers': "ControlNetModel" or "T2IAdapter"
  bool original = false;         ///< its names are the original layout's, below `prefix`
  std::string prefix = {};       ///< "control_model.", or empty
  bool differences = false;      ///< what the UNet has as well is stored as a difference to it
  bool pooled = false;           ///< of a single file: see ControlNetConfig
  std::optional<ConfigObject> config = {};           ///< of a folder
  std::shared_ptr<const WeightSource> weights = {};  ///< under the names that they are stored under
  std::vector<std::filesystem::path> weight_files = {};
  std::vector<std::string> evidence = {};  ///< why it is taken for what it is, one line each

  /// How wide the texts are that it looks at; nothing for adapters, which look at none.
  std::optional<std::int64_t> text_width() const;
  /// For people: "a ControlNet for Stable Diffusion 1.x".
  std::string description() const;
};

/// Opens a diffusers folder of a ControlNetModel or a T2IAdapter, or a single file of one in
/// diffusers' or the original layout, told apart by content. Reads configs and headers, no weights.
/// @throws InputError naming what was found instead, and the option that takes it
ControlFiles open_control(const std::filesystem::path& path);

/// Whether a folder is one of those, and no whole model.
bool is_control_folder(const std::filesystem::path& path);

/// The network as it stands beside a UNet, under diffusers' names. What a single file does not say
/// of its config is the UNet's, whose way down it is a copy of.
/// @throws InputError saying what was expected and found where it does not fit the UNet
Part control_part(const ControlFiles& files, const Part& unet);

}  // namespace velatura::weights
