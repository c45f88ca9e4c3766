#include "models/clip_vision/config.h"

#include <utility>

namespace velatura::models {

ClipVisionConfig ClipVisionConfig::read(ConfigObject json) {
  ClipVisionConfig c;
  static_cast<ClipLayerConfig&>(c).read(json);
  c.image_size = json.get("image_size", c.image_size);
  c.patch_size = json.get("patch_size", c.patch_size);
  c.projection_dim = json.get("projection_dim", c.projection_dim);
  for (const auto& [key, value] : {std::pair{"image_size", c.image_size},
                                   {"patch_size", c.patch_size},
                                   {"projection_dim", c.projection_dim}}) {
    if (value < 1) json.reject(key, "a positive number");
  }
  if (c.patch_size > c.image_size) json.reject("patch_size", "at most image_size");
  json.only("num_channels", c.num_channels);
  json.only("model_type", "clip_vision_model");
  ignore_clip_keys(json);
  json.finish();
  return c;
}

}  // namespace velatura::models
