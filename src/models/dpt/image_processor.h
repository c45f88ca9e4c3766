#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

#include "core/config_object.h"

namespace velatura::models {

/// Pillow's filters, numbered as in the file.
enum class DptResample { lanczos = 1, bilinear = 2, bicubic = 3 };

/// feature_extractor/preprocessor_config.json of a DPTImageProcessor, and what it asks for but
/// resizing, which is Pillow's on the 8-bit picture with the filter `resample`; defaults are
/// transformers' own. A picture is brought to target_size(), then to normalise().
struct DptImageProcessor {
  std::int64_t height = 384;
  std::int64_t width = 384;
  std::int64_t ensure_multiple_of = 1;
  bool keep_aspect_ratio = false;
  DptResample resample = DptResample::bicubic;
  double rescale_factor = 1 / 255.0;
  std::array<double, 3> image_mean = {0.5, 0.5, 0.5};
  std::array<double, 3> image_std = {0.5, 0.5, 0.5};

  /// @throws InputError naming what is missing, inconsistent or not supported
  static DptImageProcessor read(ConfigObject json);

  struct Size {
    std::int64_t height, width;
  };
  /// What a picture of this size is resized to: multiples of ensure_multiple_of, at least one each.
  /// With keep_aspect_ratio, the side whose scale is nearer to 1 sets the scale of both.
  Size target_size(std::int64_t picture_height, std::int64_t picture_width) const;

  /// @param bytes  [B, 3, H, W], RGB from 0 to 255, of any type
  /// @return       float32 of the same shape: (bytes * rescale_factor - image_mean) / image_std
  at::Tensor normalise(const at::Tensor& bytes) const;
};

}  // namespace velatura::models
