#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_object.h"
#include "weights/layouts/tensor_test.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {

/// Names in the original layout below a prefix, from a component's config: see original_names.h.
using OriginalNames = std::vector<NameRule> (*)(const nlohmann::json& config,
                                                const std::string& prefix);
/// Patterns of such names.
using UnusedNames = std::vector<std::string> (*)(const nlohmann::json& config,
                                                 const std::string& prefix);

/// A UNet's config with the sizes that a checkpoint's tensors tell. @param prefix  of their names
using UNetSizes = ConfigObject (*)(const ConfigObject& config, const WeightSource& checkpoint,
                                   const std::string& prefix);

/// Tensors below one prefix that are a network's parameters.
struct OriginalTensors {
  std::string_view prefix;  ///< empty: there are none
  OriginalNames names = nullptr;
  UnusedNames unused = nullptr;  ///< null: every name below the prefix must be known
};

/// A network of a family in the original layout.
struct OriginalPart {
  std::string_view role;  ///< in the pipeline; its config has the same name
  OriginalTensors tensors;
  bool required = true;  ///< in the file; what is not may be absent, or come from another file
  OriginalTensors average = {};  ///< its running average, which training keeps (EMA)
};

/// A family of models whose single files in the original layout can be used. All that is known of
/// one is in its row.
struct Family {
  std::string_view name;                ///< for people: "Stable Diffusion 2.x depth"
  std::string_view configs;             ///< folder of models/configs: "stable-diffusion-2"
  std::string_view pipeline_class;      ///< diffusers' class for it
  std::int64_t in_channels;             ///< of the UNet
  std::array<TensorTest, 3> tests;      ///< all hold for its files, and for no other family's
  std::span<const OriginalPart> parts;  ///< the UNet first
  bool open_clip = true;  ///< the text encoder is OpenCLIP's rather than transformers'
  bool ldm_config =
      true;  ///< `X.yaml` beside one is a config of the `ldm` modules; others say nothing
             ///< that the tensors do not
  /// Puts sizes in which models of it differ into the UNet's config; null: they do not.
  UNetSizes sizes = nullptr;
  bool zeroes_negative = true, scores = false;  ///< see ModelFiles

  std::string_view usual_prediction = "epsilon";  ///< where nothing tells it
  /// There are v-prediction models of it among those whose tensors have the same shapes; the spread
  /// of a late norm's bias tells them apart.
  bool has_v_twins = false;
  /// What v-prediction models of it have otherwise. Empty, 0: the same as the others.
  std::string_view v_scheduler = {};
  std::int64_t v_sample_size = 0;
  std::string_view v_architecture = {};

  // What Stability AI's model specification calls it.
  std::string_view architecture = {};
  std::string_view implementation = {};

  /// Null if it has no part of that role.
  const OriginalPart* find(std::string_view role) const;

  /// One of its configs: a part's role, "scheduler", "tokenizer", …
  /// @param file  the model file it is used for, for messages
  ConfigObject config(std::string_view name, const std::string& file) const;
};

std::span<const Family> families();

/// All names of a part in the family's checkpoints, and diffusers' for them.
/// @param config  of the part, where models of the family differ in sizes; else not looked at
std::vector<NameRule> original_names(const Family& family, const OriginalPart& part,
                                     const nlohmann::json& config = nullptr);

}  // namespace velatura::weights
