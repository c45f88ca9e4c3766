#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config_object.h"
#include "weights/layouts/prediction_type.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A network of a pipeline: its config.json and its weights, under diffusers' names.
struct Component {
  ConfigObject config;
  std::shared_ptr<const WeightSource> weights;
};

/// A DPTForDepthEstimation and its preprocessor_config.json.
struct DepthFiles {
  Component network;
  ConfigObject processor;
};

struct TokenizerFiles {
  std::filesystem::path folder;  ///< of a CLIPTokenizer; empty: CLIP's own vocabulary
  std::string pad_token;         ///< with CLIP's own vocabulary: what fills a short prompt
};

/// What a pipeline needs from a model, the same whatever the layout it is stored in.
struct ModelFiles {
  std::filesystem::path origin;  ///< folder or file it was opened from
  std::string pipeline_class;    ///< diffusers' class, such as "StableDiffusionPipeline"
  std::string description;       ///< for people: "Stable Diffusion 1.x, single file", …
  ConfigObject scheduler;        ///< scheduler_config.json, with `_class_name`
  Component unet;                ///< UNet2DConditionModel
  Component vae;                 ///< AutoencoderKL
  Component text_encoder;        ///< CLIPTextModel, names beginning with `text_model.`
  TokenizerFiles tokenizer;
  std::optional<DepthFiles> depth_estimator;        ///< of depth models, where it is there
  std::optional<ConfigObject> low_res_scheduler;    ///< of upscalers: scheduler_config.json
  int max_noise_level = 350;                        ///< of upscalers
  std::vector<std::filesystem::path> weight_files;  ///< the UNet's first
  std::vector<std::string> evidence;  ///< why it is taken for what it is, one line each
  std::vector<PredictionSignal> prediction_signals;  ///< what tells the scheduler's prediction_type
  std::map<std::string, std::string> metadata;       ///< of a single file: its `__metadata__`
  std::vector<std::string> warnings;                 ///< one line each
};

/// Which of a model's weights to take.
struct OpenOptions {
  /// Weight file variant of a folder, such as "fp16"; a component without it falls back to its
  /// plain file, with a warning. Empty: none.
  std::string variant = {};
  /// Of a single file: the running average that training kept of the UNet, in place of the UNet.
  bool ema = false;
};

/// Opens a diffusers folder (with a StableDiffusion…Pipeline in its model_index.json) or a single
/// .safetensors or .ckpt file in the original layout (Stable Diffusion 1.x, 2.x and the x4
/// upscaler), told apart by content. `X.yaml` beside a single file `X.safetensors` is taken for the
/// config that it was published with. Reads configs and headers, no weights.
/// @throws InputError naming the file, what was expected and what was found; UsageError for a
///         variant of a single file or the average in a folder
ModelFiles open_model(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace velatura::weights
