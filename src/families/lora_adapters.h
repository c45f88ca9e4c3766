#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/weight_adapters.h"
#include "weights/adapters/adapter.h"
#include "weights/layouts/model_files.h"
#include "weights/patchable_weights.h"

namespace velatura::families {

/// The layers of a model's UNet and text encoders that adapters may change.
std::unique_ptr<const weights::AdaptedLayers> adapted_layers(const weights::ModelFiles& files);

/// An adapter file as it was when it was read.
struct LoraFile {
  std::string identity;  ///< path, size and time of change
  weights::Adapter adapter;
};

/// Adapter files, each matched with the model once and kept for the requests that follow.
class LoraFiles {
 public:
  explicit LoraFiles(std::unique_ptr<const weights::AdaptedLayers> layers)
      : layers_(std::move(layers)) {}

  /// @param path  a file, or a folder with diffusers' pytorch_lora_weights in it @throws InputError
  std::shared_ptr<const LoraFile> of(const std::filesystem::path& path);

 private:
  std::unique_ptr<const weights::AdaptedLayers> layers_;
  std::list<std::shared_ptr<const LoraFile>> latest_;  // the newest first
};

/// Says what of a model's adapters does not fit, and changes nothing.
class LoraOutline : public pipelines::WeightAdapters {
 public:
  explicit LoraOutline(std::unique_ptr<const weights::AdaptedLayers> layers)
      : files_(std::move(layers)) {}
  void apply(const std::vector<LoraUse>& loras) override;

 private:
  LoraFiles files_;
};

/// LoRA and its relatives, merged into the weights of the UNet and of the text encoders.
class LoraAdapters : public pipelines::WeightAdapters {
 public:
  /// A network whose weights are changed.
  struct Network {
    std::string role;  ///< "unet", "text_encoder"
    std::unique_ptr<weights::PatchableWeights> weights;
    /// Told when its weights have changed: equal names mean equal weights, "" the model's own.
    std::function<void(const std::string& name)> on_change;
  };
  LoraAdapters(std::unique_ptr<const weights::AdaptedLayers> layers, std::vector<Network> networks);
  void apply(const std::vector<LoraUse>& loras) override;

 private:
  /// One file's part in one network.
  struct Part {
    std::shared_ptr<const LoraFile> file;
    double scale;
    BlockScales blocks;
    bool operator==(const Part&) const = default;
  };
  struct Changed {
    Network network;
    std::optional<std::vector<Part>> parts;  ///< in the weights; nothing: not known
  };
  static void change(Changed& changed, std::vector<Part> parts);

  LoraFiles files_;
  std::vector<Changed> networks_;
};

}  // namespace velatura::families
