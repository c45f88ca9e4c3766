#pragma once

#include <memory>
#include <span>

#include "pipelines/ready_request.h"

namespace velatura::pipelines {

/// One picture of a request.
struct GroupItem {
  std::shared_ptr<const ReadyRequest> ready;
  int image;  ///< which of its pictures, from 0
};

/// Where the pictures of a group start, and their random numbers from there on.
struct GroupStart {
  Batch batch;
  BatchNoise noise;
};

/// Each picture's latents, channels and noise are bit for bit what they are alone.
/// @param group  not empty; of requests that can share a batch
GroupStart start_group(std::span<const GroupItem> group, at::Device device);

/// Denoises the pictures of a group together.
/// @param progress  what to report: first_image and images are taken from it
/// @return [B, C, h, w] float32 @throws Interrupted, InputError where latents become not finite
at::Tensor denoise_group(const LatentModel& model, std::span<const GroupItem> group,
                         Progress progress, Observer& observer);

}  // namespace velatura::pipelines
