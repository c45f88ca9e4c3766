#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "core/device.h"
#include "image/resize.h"
#include "pipelines/backbone.h"
#include "pipelines/conditioner.h"
#include "pipelines/control_model.h"
#include "pipelines/depth_estimator.h"
#include "pipelines/latent_codec.h"
#include "pipelines/picture_prior.h"
#include "pipelines/weight_adapters.h"
#include "samplers/make_plan.h"

namespace velatura::pipelines {

/// What diffusers' pipelines of a family write over the scheduler's config, a task each; see
/// samplers::ModelScheduler.
struct SchedulerRewrites {
  nlohmann::json text_to_image = nlohmann::json::object();
  nlohmann::json image_to_image = nlohmann::json::object();
  nlohmann::json inpaint = nlohmann::json::object();
  nlohmann::json depth_to_image = nlohmann::json::object();
  nlohmann::json upscale = nlohmann::json::object();
};

/// How a family inpaints whose UNets see, behind the latents, the picture's where they stay and where
/// that is. What is painted anew grows by a latent.
struct GrownInpainting {
  bool pastes;  ///< what stays is put back after every step
};

/// Of most models, where a request says none.
inline constexpr double kGuidanceScale = 7.5;

/// What tasks must know of a model.
struct ModelTraits {
  std::int64_t in_channels;  ///< of the backbone: the latents, and what a task shows it with them
  std::int64_t variance_channels = 0;  ///< of its prediction, the last: how sure it is of the rest
  bool class_labels = false;           ///< the backbone takes a noise level as class label
  bool grounded = false;               ///< the backbone can be told what stands where
  std::optional<std::int64_t> sample_size = std::nullopt;  ///< the latents' own height and width
  std::int64_t side_multiple = 1;  ///< that pictures' sides are of, beside the codec's factor
  Filter picture_filter = Filter::lanczos;  ///< by which pictures that go in get their size
  /// How noisy a picture is made that is begun with; null: as the plan's first step has it.
  samplers::NoiseLevel (*picture_level)(double strength) = nullptr;
  std::optional<GrownInpainting> grown_inpainting = std::nullopt;
  bool follows_hint = false;               ///< the backbone itself is shown a control picture
  std::vector<Sampler> samplers = {};      ///< that it can be run with; empty: all
  double guidance_scale = kGuidanceScale;  ///< where a request says none
  bool knows_absent_negative = false;      ///< an absent negative prompt is no empty one
  bool refinable = false;                  ///< a refiner may go on where it stops
  bool refines = false;                    ///< it is such a refiner, and begins with nothing
  /// How weights in prompts count, as web UIs name it; empty: their usual way.
  std::string_view emphasis = {};
  std::vector<std::string_view> special_fields = {};  ///< of requests, that it has a use for
  SchedulerRewrites scheduler_rewrites = {};
};

/// How an upscaler noises its input.
struct LowRes {
  samplers::ModelScheduler scheduler;
  int max_noise_level;
};

/// A latent diffusion model (Rombach et al. 2022) of any family, loaded and placed.
struct LatentModel {
  Placement placement;
  ModelTraits traits;
  samplers::ModelScheduler scheduler;
  std::unique_ptr<Conditioner> conditioner;
  std::shared_ptr<const Backbone> backbone;
  std::unique_ptr<LatentCodec> codec;
  std::unique_ptr<DepthEstimators> depth_estimators;
  std::optional<LowRes> low_res;                  ///< of upscalers
  std::unique_ptr<ControlModels> controls = {};   ///< null: nothing can steer it
  std::unique_ptr<WeightAdapters> adapters = {};  ///< null: its weights cannot be changed
  std::unique_ptr<PicturePrior> prior = {};       ///< null: nothing is imagined
  /// Goes on with pictures from some step on, and decodes them; null: there is none.
  std::unique_ptr<LatentModel> refiner = {};

  LatentCodec& decoder() const { return refiner ? *refiner->codec : *codec; }
};

}  // namespace velatura::pipelines
