#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "pipelines/conditioner.h"

namespace velatura::families {

/// What is told of pictures beside the prompt.
enum class SizeTelling {
  sizes,  ///< original size, crop, target size
  score,  ///< original size, crop, aesthetic score: of refiners
};

/// Fields of a request that say it.
std::vector<std::string_view> size_fields(SizeTelling telling);

/// The numbers that a UNet is told, sizes as (height, width) and places as (top, left), as diffusers'
/// StableDiffusionXL…Pipelines have them.
struct TimeIds {
  std::vector<double> wanted, negative;
};

/// @throws UsageError for what would have no effect: from text alone, one of the two negative sizes,
///         or a negative crop without them
TimeIds time_ids(const PictureRequest& request, const pipelines::PictureFrame& frame,
                 SizeTelling telling, Observer& observer);

}  // namespace velatura::families
