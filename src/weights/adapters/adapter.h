#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weights/adapters/adapted_layers.h"
#include "weights/adapters/change_kind.h"
#include "weights/adapters/peft_scaling.h"
#include "weights/formats/checkpoint.h"
#include "weights/sources/patched_source.h"

namespace velatura::weights {

/// A file of the LoRA family whose every key is a factor of one of a model's layers.
class Adapter {
 public:
  /// Reads headers and the layers' alphas.
  /// @param layers  of the model; must outlive this
  /// @throws InputError naming every key that fits no layer, or not in its shape; or what the file is
  ///         if it is none of the family, or for another model
  Adapter(const std::filesystem::path& path, const AdaptedLayers& layers);

  /// What it does to the weights of one network.
  /// @param scale  how strongly, of a layer by diffusers' name; layers of scale 0 are left out
  std::vector<Patch> patches(std::string_view role,
                             const std::function<double(const std::string& layer)>& scale) const;

  /// Whether it changes that network at all.
  bool changes(std::string_view role) const;

 private:
  /// Of one layer.
  struct Change {
    const AdaptedLayer* layer;
    std::shared_ptr<const LayerFactors> factors;
    const ChangeKind* kind = nullptr;  ///< of the weight's change; null: it is not changed
    Shape shape = {};                  ///< of ΔW: the weight's, or of fewer input channels
    double scale = 1.0;                ///< alpha / rank
  };

  void match(const WeightSource& file, const AdaptedLayers& layers);
  void check(Change& change, std::vector<std::string>& wrong) const;
  double scale_of(const Change& change) const;
  static void add_weight(const Change& change, double strength, at::Tensor& sum,
                         const at::Tensor& weight);

  std::shared_ptr<const WeightSource> file_;
  PeftScaling scaling_;
  std::vector<Change> changes_;
};

}  // namespace velatura::weights
