#pragma once

#include <optional>
#include <vector>

#include "core/device.h"
#include "families/prior_networks.h"
#include "pipelines/picture_prior.h"
#include "samplers/unclip.h"
#include "weights/layouts/prior_files.h"

namespace velatura::families {

/// What of a request decides what is imagined, against what the decoder and its prior can do.
class ImaginingChecks {
 public:
  /// @param width   of the vectors that the decoder draws from
  /// @throws InputError where the prior's parts do not fit together, or the decoder
  ImaginingChecks(const weights::PriorFiles& prior, std::int64_t width);

  /// @throws UsageError, InputError
  void check(const pipelines::Imagining& asked) const;

 private:
  void check_prior() const;
  void check_embeds(const PictureRequest& request) const;

  std::string missing_;  // why there is no prior; empty: there is one
  std::optional<samplers::UnclipConfig> scheduler_;
  std::int64_t width_;
};

/// The shares of what is mixed. @throws UsageError where nothing is left for those without a weight
std::vector<double> shares_of(const std::vector<MixItem>& mix);

/// Such checks alone, for models as their configs tell them.
class KandinskyPriorOutline : public pipelines::PicturePrior {
 public:
  explicit KandinskyPriorOutline(ImaginingChecks checks) : checks_(std::move(checks)) {}
  void check(const pipelines::Imagining& asked) override { checks_.check(asked); }
  void prepare(std::span<const pipelines::Imagining>, Observer&) override {}
  pipelines::Imagined imagine(const pipelines::Imagining&, const pipelines::PromptConditioning&,
                              pipelines::BatchNoise&, Progress, Observer&) override {
    return {};
  }

 private:
  ImaginingChecks checks_;
};

/// Kandinsky's prior: what CLIP would see in a picture of the prompt, as diffusers'
/// Kandinsky(V22)PriorPipeline makes it; its interpolate() for what is mixed; and what CLIP sees in a
/// picture that is shown. Where nothing is said to keep away from, that is what CLIP sees in no picture.
class KandinskyPrior : public pipelines::PicturePrior {
 public:
  KandinskyPrior(const weights::PriorFiles& prior, ImaginingChecks checks, Placement placement);

  void check(const pipelines::Imagining& asked) override { checks_.check(asked); }
  void prepare(std::span<const pipelines::Imagining> pictures, Observer& observer) override;
  pipelines::Imagined imagine(const pipelines::Imagining& asked,
                              const pipelines::PromptConditioning& told,
                              pipelines::BatchNoise& noise, Progress progress,
                              Observer& observer) override;
  void release() override;

 private:
  /// What is to be drawn, and what is to be kept away from: each [1, D] float32 on the device.
  struct Vectors {
    at::Tensor wanted, negative;
  };
  /// One course of the prior.
  struct Run {
    const PictureRequest& request;
    pipelines::BatchNoise& noise;
    Progress progress;
    Observer& observer;
  };
  Vectors vectors_of(const pipelines::Imagining& asked, Run& run);
  Vectors given(const ImageEmbeds& embeds, int image, bool guided) const;
  Vectors mixed(Run& run);
  Vectors imagined(const std::string& prompt, const std::optional<std::string>& negative, Run& run);
  at::Tensor denoised(const std::vector<std::string>& wanted,
                      const std::vector<std::string>& negative, Run& run);
  models::PriorTransformer::Text joined(const std::vector<std::string>& texts) const;

  ImaginingChecks checks_;
  std::optional<PriorNetworks> networks_;  // absent: vectors are given, or nothing can be made
  std::optional<samplers::UnclipConfig> scheduler_;
  Placement placement_;
};

}  // namespace velatura::families
