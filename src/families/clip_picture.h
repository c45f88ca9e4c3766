#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "core/config_object.h"
#include "velatura/image.h"

namespace velatura::families {

/// preprocessor_config.json of a CLIPImageProcessor; defaults are transformers' own. How a picture
/// becomes what CLIP's picture tower takes, as Pillow makes it: the shorter side gets a length, the
/// middle is cut out, mean and deviation are taken away.
struct ClipPicture {
  int shortest_edge = 224, crop = 224;
  std::array<float, 3> mean{0.48145466F, 0.4578275F, 0.40821073F};
  std::array<float, 3> deviation{0.26862954F, 0.26130258F, 0.27577711F};

  /// @throws InputError naming what is of the wrong type or not supported
  static ClipPicture read(ConfigObject json);

  /// @return [1, 3, crop, crop] float32
  at::Tensor pixels(const Image& image) const;
};

}  // namespace velatura::families
