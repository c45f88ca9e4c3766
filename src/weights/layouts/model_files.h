#pragma once

#include <ATen/core/ScalarType.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/config_object.h"
#include "weights/layouts/prediction_type.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A network of a pipeline.
struct Part {
  std::string role;        ///< in the pipeline, and its folder's name: "unet"
  std::string library;     ///< "diffusers" or "transformers"
  std::string class_name;  ///< the library's: "UNet2DConditionModel"
  ConfigObject config;     ///< config.json
  /// Under the library's names; a text encoder's begin with `text_model.`.
  std::shared_ptr<const WeightSource> weights;

  /// Of its weight files: "diffusion_pytorch_model", or "model" with transformers.
  std::string stem() const;
};

/// A role as people say it: "UNet", "VAE", "text encoder".
std::string in_words(std::string_view role);

struct TokenizerFiles {
  std::filesystem::path folder;  ///< of a CLIPTokenizer; empty: CLIP's own vocabulary
  std::string pad_token;         ///< with CLIP's own vocabulary: what fills a short prompt
};

/// What a pipeline needs from a model, the same whatever the layout it is stored in. Parts, configs
/// and tokenizers go by the roles of diffusers' model_index.json. All that it cannot do without is
/// there, but for the VAE, which many checkpoints leave to other files.
struct ModelFiles {
  std::filesystem::path origin;  ///< folder or file it was opened from
  std::string pipeline_class;    ///< diffusers' class, one of pipeline_classes()
  std::string description;       ///< for people: "Stable Diffusion 1.x, single file", …
  std::vector<Part> parts;       ///< the UNet first
  /// "scheduler" and "low_res_scheduler" (scheduler_config.json, with `_class_name`),
  /// "feature_extractor" (preprocessor_config.json of the depth estimator)
  std::map<std::string, ConfigObject, std::less<>> configs;
  std::map<std::string, TokenizerFiles, std::less<>> tokenizers;
  int max_noise_level = 350;  ///< of upscalers
  bool force_zeros_for_empty_prompt =
      true;                                ///< an absent negative prompt is zeros, where a pipeline
                                           ///< tells it from an empty one
  bool requires_aesthetics_score = false;  ///< of refiners
  std::vector<std::filesystem::path> weight_files;  ///< the UNet's first
  std::vector<std::string> evidence;  ///< why it is taken for what it is, one line each
  std::vector<PredictionSignal> prediction_signals;  ///< what tells the scheduler's prediction_type
  std::map<std::string, std::string> metadata;       ///< of a single file: its `__metadata__`
  std::vector<std::string> warnings;                 ///< one line each
  /// What the folder or file holds beyond the model; names fit to be shown.
  std::vector<std::string> left_out;

  /// Null where the model has none of that role.
  const Part* find(std::string_view role) const;
  const ConfigObject* find_config(std::string_view role) const;

  /// @throws InputError naming what the model lacks, and how a VAE is given
  const Part& part(std::string_view role) const;
  Part& part(std::string_view role);
  const ConfigObject& config(std::string_view role) const;
  const TokenizerFiles& tokenizer(std::string_view role) const;

  /// Whether there is a part, a config or a tokenizer of that role.
  bool has(std::string_view role) const;

  /// Whether it should have a VAE, and has none.
  bool lacks_vae() const;

  /// Of a prior by itself: the kind of model that it imagines pictures for; else empty.
  std::string_view imagines_for() const;

  /// Puts a part in the place of the one of its role, or behind the UNet if there is none.
  void put(Part part);
};

/// How a model without a VAE gets one, for people: "give one with --vae FILE, …".
std::string vae_remedy(const std::filesystem::path& origin);

/// The model with its floating point weights in another dtype.
ModelFiles in_dtype(ModelFiles files, at::ScalarType dtype);

/// Which of a model's weights to take.
struct OpenOptions {
  /// Weight file variant of a folder, such as "fp16"; a component without it falls back to its
  /// plain file, with a warning. Empty: none.
  std::string variant = {};
  /// Of a single file: the running average that training kept of the UNet, in place of the UNet.
  bool ema = false;
  /// A VAE (see open_vae) in the place of the model's own, which is then not looked at. Empty: the
  /// model's own, if it has one.
  std::filesystem::path vae = {};
};

/// Opens a diffusers folder (with one of pipeline_classes() in its model_index.json) or a single
/// .safetensors or .ckpt file in the original layout (Stable Diffusion 1.x, 2.x and the x4
/// upscaler), told apart by content. `X.yaml` beside a single file `X.safetensors` is taken for the
/// config that it was published with. Reads configs and headers, no weights.
/// @throws InputError naming the file, what was expected and what was found; UsageError for a
///         variant of a single file or the average in a folder
ModelFiles open_model(const std::filesystem::path& path, const OpenOptions& options = {});

}  // namespace velatura::weights
