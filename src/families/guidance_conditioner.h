#pragma once

#include <cstdint>
#include <memory>

#include "pipelines/conditioner.h"

namespace velatura::families {

/// For UNets that are guided by a number that they are told (Luo et al. 2023, §4.2): there is no
/// negative half at any guidance.
class GuidanceConditioner : public pipelines::Conditioner {
 public:
  /// @param width  of the number's waves: time_cond_proj_dim
  GuidanceConditioner(std::unique_ptr<pipelines::Conditioner> inner, std::int64_t width)
      : inner_(std::move(inner)), width_(width) {}
  pipelines::PromptConditioning encode(const PictureRequest& request,
                                       const pipelines::PictureFrame& frame, Progress progress,
                                       Observer& observer) override;

 private:
  std::unique_ptr<pipelines::Conditioner> inner_;
  std::int64_t width_;
};

/// The inner one, in such a wrapping where the UNet is of that kind.
std::unique_ptr<pipelines::Conditioner> with_guidance(std::unique_ptr<pipelines::Conditioner> inner,
                                                      std::int64_t time_cond_proj_dim);

}  // namespace velatura::families
