#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/layouts/old_names.h"

namespace velatura::weights {

/// What a component of a pipeline is, and so what is read of its folder.
enum class ComponentKind {
  network,    ///< config.json and weights: a Part
  scheduler,  ///< scheduler_config.json
  tokenizer,  ///< the folder itself
  processor,  ///< preprocessor_config.json, where the network that it serves is there
  unused,     ///< changes nothing in what is computed here
};

/// One entry of a pipeline's model_index.json: `ROLE: [LIBRARY, CLASS]`.
struct PipelineComponent {
  std::string_view role;
  ComponentKind kind;
  std::string_view library = {};
  std::string_view class_name = {};   ///< empty: the component's own config names it
  std::string_view other_class = {};  ///< that is taken as well
  bool any_class = false;             ///< whatever class there is is taken
  bool required = false;
  bool replaceable = false;      ///< may be absent all the same: another can be given
  std::string_view serves = {};  ///< of a processor: the role of its network
  /// Gives weights that older versions of the library wrote today's names; null: they have them.
  CurrentNames current_names = nullptr;
};

/// What the roles of a prior begin with in the folder of what draws.
inline constexpr std::string_view kOwnPrior = "prior_";

/// A class of diffusers' pipelines that can be used, and what it is made of.
struct PipelineClass {
  std::string_view name;                          ///< "StableDiffusionPipeline"
  std::span<const PipelineComponent> components;  ///< that one may have, those required first
  /// Roles beside the required ones that its model_index.json names in any case, as `[null, null]`
  /// where they are absent.
  std::span<const std::string_view> declared = {};
  bool may_check_safety = false;  ///< its index says `requires_safety_checker`
  bool adds_noise = false;        ///< its index says `max_noise_level`
  bool zeroes_negative = false;   ///< its index says `force_zeros_for_empty_prompt`
  bool may_score = false;         ///< its index says `requires_aesthetics_score`
  /// What the pipeline takes for the VAE's scaling_factor, whatever the VAE's config says.
  std::optional<double> vae_scaling_factor = std::nullopt;
  std::string_view prior = {};  ///< class of the pipelines that imagine what it draws
  /// It is such a prior itself, for this kind of model: "Kandinsky 2.2".
  std::string_view imagines_for = {};

  bool has(std::string_view role) const;
  /// @throws std::logic_error if it has no component of that role
  const PipelineComponent& component(std::string_view role) const;
};

std::span<const PipelineClass> pipeline_classes();

/// Null if there is none of that name.
const PipelineClass* find_pipeline_class(std::string_view name);

/// One that there is. @throws std::logic_error
const PipelineClass& pipeline_class(std::string_view name);

/// Of the weight files of a library's networks: "diffusion_pytorch_model", or "model" with all but
/// diffusers' own.
std::string weights_stem(std::string_view library);

/// The file in the folder of a scheduler or processor that is its config.
std::string config_file(ComponentKind kind);

}  // namespace velatura::weights
