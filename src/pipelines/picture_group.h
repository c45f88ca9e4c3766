#pragma once

#include <memory>
#include <span>
#include <vector>

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
  /// What is told of each, with what has been imagined of it; and that by itself, or empty.
  std::vector<PromptConditioning> conditioning;
  std::vector<ImageEmbeds> image_embeds = {};
};

/// Each picture's latents, channels and noise are bit for bit what they are alone, as is what is
/// imagined of it.
/// @param group     not empty; of requests that can share a batch
/// @param progress  what to report: first_image and images are taken from it
GroupStart start_group(const LatentModel& model, std::span<const GroupItem> group,
                       Progress progress, Observer& observer);

/// The pictures of a group before they are decoded.
struct DenoisedGroup {
  at::Tensor latents;                          ///< [B, C, h, w] float32
  std::vector<ImageEmbeds> image_embeds = {};  ///< as GroupStart has them
};

/// Denoises the pictures of a group together.
/// @param progress  as for start_group()
/// @throws Interrupted, InputError where latents become not finite
DenoisedGroup denoise_group(const LatentModel& model, std::span<const GroupItem> group,
                            Progress progress, Observer& observer);

}  // namespace velatura::pipelines
