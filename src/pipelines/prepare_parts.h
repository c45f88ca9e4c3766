#pragma once

#include <optional>
#include <string>

#include "pipelines/prepared.h"
#include "pipelines/size.h"

namespace velatura::pipelines {

/// @throws UsageError unless the value is in the range
void check_range(const char* field, double value, double lowest, double highest);

/// @throws UsageError saying which command the model is for, unless its UNet takes as many channels
///         behind the latents as the task has to show it, and class labels if it has some
void check_unet(const LatentModel& model, std::int64_t more_channels, bool class_labels = false);

/// The size that was asked for, else the model's own. @throws UsageError naming the nearest sizes
Size settle_size(const LatentModel& model, std::optional<int> width, std::optional<int> height);

/// The size that was asked for, else the picture's own, floored to a multiple of 8 and of the VAE's
/// factor. A floored side is warned of.
Size settle_size(const LatentModel& model, std::optional<int> width, std::optional<int> height,
                 const Image& image, Observer& observer);

/// Says that a picture gets other sides than it has, and how it can keep them.
/// @param size    that it gets
/// @param remedy  what follows behind the sizes: "-W and -H choose others"
void warn_of_size(const Image& image, const Size& size, const std::string& remedy,
                  Observer& observer);

/// "-W 104 -H 80": the smallest size that a picture fits into as it is.
std::string nearest_size(const LatentModel& model, const Image& image);

/// @throws UsageError for a side that is no such multiple, naming the two nearest
int check_side(const char* field, int side, const LatentModel& model);

/// Steps that are left out where only a share of the noise is put on a picture.
/// @param strength  above 0 … 1 @throws UsageError outside that, or where no step is left
int start_of(int steps, double strength);

/// signal · clean + noise · epsilon
at::Tensor add_noise(const at::Tensor& clean, const at::Tensor& noise, samplers::NoiseLevel level);

/// Latents of one picture for each of a batch, drawn from its posterior if that is not certain.
at::Tensor draw_latents(const LatentModel& model, const Posterior& posterior, BatchNoise& noise);

/// draw_latents(), and noise on them.
at::Tensor draw_noised_latents(const LatentModel& model, const Posterior& posterior,
                               BatchNoise& noise, samplers::NoiseLevel level);

/// Reports that the picture has been encoded. @throws Interrupted if the observer says so
void image_encoded(Observer& observer);

}  // namespace velatura::pipelines
