#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "image/raster.h"
#include "pipelines/batch_noise.h"
#include "pipelines/latent_model.h"
#include "pipelines/size.h"
#include "pipelines/tiles.h"
#include "samplers/plan.h"
#include "velatura/image.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// What the denoising loop needs for the pictures of one batch.
struct Batch {
  at::Tensor latents;        ///< [B, C, h, w] float32, at the noise level of the plan's first step
  at::Tensor channels = {};  ///< [B, E, h, w] float32: what the UNet sees behind the latents
  /// Called after each step with its number; may replace the latents. Empty: nothing happens.
  std::function<void(std::size_t step, at::Tensor& latents)> after_step = {};
};

/// A request made ready: all in which tasks differ, as data.
struct Prepared {
  int width, height;          ///< of the pictures that are decoded
  int start = 0;              ///< steps left out at the beginning
  bool from_picture = false;  ///< they begin with another picture
  nlohmann::json scheduler_rewrites = nlohmann::json::object();  ///< see samplers::ModelScheduler
  std::optional<std::int64_t> class_label = std::nullopt;
  std::optional<Tiling> tiling = std::nullopt;  ///< of the latents, for the UNet
  std::function<Batch(BatchNoise& noise, const samplers::Plan& plan)> batch;
  /// What the decoded picture is cut to from its upper left corner; receipts have this size.
  std::optional<Size> cut = std::nullopt;
  std::function<Image(Image&& decoded)> finish = {};  ///< empty: the picture is as decoded
  const Image* shown = nullptr;                       ///< see Imagining
  GrayImage depth = {};                               ///< the depth map in use, if there is one

  /// Control pictures are of the whole input where only a part of it is denoised, or more than it.
  std::optional<Size> whole = std::nullopt;  ///< its size in pixels; absent: width × height
  std::function<Raster(const Raster& whole)> frame = {};  ///< what is denoised of it; empty: all
  std::shared_ptr<const Raster> hole = {};  ///< of an inpainting: the mask as it is denoised
};

/// One for each task, which must outlive what they return; what they throw names the option that cannot be carried out.
/// @throws UsageError, InputError, Interrupted
Prepared prepare(LatentModel& model, const TextToImage& request, Observer& observer);
Prepared prepare(LatentModel& model, const ImageToImage& request, Observer& observer);
Prepared prepare(LatentModel& model, const Inpaint& request, Observer& observer);
Prepared prepare(LatentModel& model, const DepthToImage& request, Observer& observer);
Prepared prepare(LatentModel& model, const Upscale& request, Observer& observer);
Prepared prepare(LatentModel& model, const Variations& request, Observer& observer);

}  // namespace velatura::pipelines
