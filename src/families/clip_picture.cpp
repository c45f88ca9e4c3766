#include "families/clip_picture.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "image/raster.h"
#include "image/resize.h"
#include "pipelines/image_tensor.h"

namespace velatura::families {
namespace {

// A number, or an object with it under one of these names, which are alike.
int length(ConfigObject& json, const std::string& key, std::initializer_list<const char*> names,
           int fallback) {
  const auto value = json.raw(key);
  if (value.is_null()) return fallback;
  int found = 0;
  if (value.is_number_integer()) {
    found = value.get<int>();
  } else if (value.is_object()) {
    for (const char* name : names) {
      const auto side = value.find(name);
      if (side == value.end() || !side->is_number_integer()) continue;
      if (found != 0 && *side != found) json.reject(key, "a square");
      found = side->get<int>();
    }
  }
  if (found < 1) json.reject(key, "a number of pixels");
  return found;
}

std::array<float, 3> per_channel(ConfigObject& json, const std::string& key,
                                 const std::array<float, 3>& fallback) {
  const auto values = json.get(key, std::vector<float>(fallback.begin(), fallback.end()));
  if (values.size() != 3) json.reject(key, "3 values");
  return {values[0], values[1], values[2]};
}

at::Tensor channels(const std::array<float, 3>& values) {
  return at::tensor({values[0], values[1], values[2]}).view({1, 3, 1, 1});
}

}  // namespace

ClipPicture ClipPicture::read(ConfigObject json) {
  ClipPicture p;
  p.shortest_edge = length(json, "size", {"shortest_edge"}, p.shortest_edge);
  p.crop = length(json, "crop_size", {"height", "width"}, p.crop);
  if (p.crop > p.shortest_edge) json.reject("crop_size", "no more than size");
  p.mean = per_channel(json, "image_mean", p.mean);
  p.deviation = per_channel(json, "image_std", p.deviation);
  if (std::ranges::find(p.deviation, 0.0F) != p.deviation.end())
    json.reject("image_std", "no zero");
  json.only("resample", 3);
  for (const char* step : {"do_resize", "do_center_crop", "do_rescale", "do_normalize"})
    json.only(step, true);
  if (json.get("rescale_factor", 1.0 / 255) != 1.0 / 255) json.reject("rescale_factor", "1/255");
  return p;
}

at::Tensor ClipPicture::pixels(const Image& image) const {
  const Raster whole = to_raster(image);
  const int shorter = std::min(whole.width, whole.height);
  const auto side = [&](int length) {
    return length == shorter
               ? shortest_edge
               : static_cast<int>(static_cast<std::int64_t>(shortest_edge) * length / shorter);
  };
  const Raster resized = resize(whole, side(whole.width), side(whole.height), Filter::bicubic);
  const Raster middle =
      velatura::crop(resized, (resized.width - crop) / 2, (resized.height - crop) / 2, crop, crop);
  const auto shares = pipelines::to_bytes(middle).to(at::kDouble).mul(1.0 / 255).to(at::kFloat);
  return ((shares - channels(mean)) / channels(deviation)).contiguous();
}

}  // namespace velatura::families
