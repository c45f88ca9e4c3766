#pragma once

#include <filesystem>

#include "models/clip_vision/config.h"
#include "models/ip_adapter/config.h"
#include "models/unet/config.h"
#include "velatura/request.h"
#include "weights/layouts/model_files.h"

namespace velatura::families {

/// Where the parts of a picture prompt come from.
struct PictureFiles {
  std::filesystem::path adapter;
  std::filesystem::path image_encoder;
  auto operator<=>(const PictureFiles&) const = default;  // NOLINT(modernize-use-nullptr): its 0
};

/// The image encoder that was asked for, else the one beside the adapter (`image_encoder/`, as on the
/// hub), else the model's own.
/// @param model  folder or file @throws InputError if there is none, saying where it was looked for
PictureFiles find_picture_files(const std::filesystem::path& adapter, const PictureRequest& request,
                                const std::filesystem::path& model);

/// Both, opened: no weights are read.
struct PictureParts {
  weights::Part adapter, image_encoder;
  models::IpAdapterConfig config;
  models::ClipVisionConfig image_config;
};

/// @throws InputError if one is something else, lacks tensors, or they do not fit each other or the
///         UNet
PictureParts open_picture_parts(const PictureFiles& files, const models::UNetConfig& unet);

}  // namespace velatura::families
