#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "core/config_object.h"
#include "families/picture_parts.h"
#include "models/clip_text/config.h"
#include "models/dpt/image_processor.h"
#include "models/vae/config.h"
#include "models/vae/tile_side.h"
#include "pipelines/conditioner.h"
#include "pipelines/depth_estimator.h"
#include "pipelines/latent_codec.h"

namespace velatura::families {

/// Parts of a model as its configs alone describe them. They refuse what the parts themselves would
/// refuse, and give tensors of the right shapes without a picture in them.

class CodecOutline : public pipelines::LatentCodec {
 public:
  /// @param tile  as asked for, see vae_tile_side()
  CodecOutline(models::VaeConfig config, std::optional<int> tile)
      : config_(std::move(config)), tile_(tile) {}

  std::int64_t latent_channels() const override { return config_.latent_channels; }
  std::int64_t factor() const override { return config_.factor(); }
  at::ScalarType dtype() const override { return at::kFloat; }
  std::int64_t tile_for(std::int64_t height, std::int64_t width) const override {
    return models::vae_tile_side(factor(), height, width, tile_);
  }
  pipelines::Posterior encode(const at::Tensor& pixels, Observer& observer) override;
  at::Tensor sample(const pipelines::Posterior& posterior, const at::Tensor& noise) const override;
  at::Tensor sample_uncentred(const pipelines::Posterior& posterior,
                              const at::Tensor& noise) const override {
    return sample(posterior, noise);
  }
  at::Tensor decode(const at::Tensor& latents, Observer& observer) override;

 private:
  models::VaeConfig config_;
  std::optional<int> tile_;
};

class ConditionerOutline : public pipelines::Conditioner {
 public:
  ConditionerOutline(models::ClipTextConfig config, models::UNetConfig unet)
      : config_(config), unet_(std::move(unet)) {}
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  models::ClipTextConfig config_;
  models::UNetConfig unet_;
};

/// What a PictureConditioner would refuse, beside what the inner outline does.
class PictureOutline : public pipelines::Conditioner {
 public:
  /// @param model  folder or file, which may bring an image encoder
  PictureOutline(std::unique_ptr<pipelines::Conditioner> inner, models::UNetConfig unet,
                 std::filesystem::path model)
      : inner_(std::move(inner)), unet_(std::move(unet)), model_(std::move(model)) {}
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  std::unique_ptr<pipelines::Conditioner> inner_;
  models::UNetConfig unet_;
  std::filesystem::path model_;
  std::set<PictureFiles> fitting_;
};

class DepthEstimatorOutline : public pipelines::DepthEstimator {
 public:
  explicit DepthEstimatorOutline(models::DptImageProcessor processor) : processor_(processor) {}
  at::Tensor estimate(const Raster& picture) const override;

 private:
  models::DptImageProcessor processor_;
};

}  // namespace velatura::families
