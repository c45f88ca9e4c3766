#include "models/dpt/image_processor.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace velatura::models {
namespace {

// One value for all channels or a list with one each.
std::array<double, 3> per_channel(ConfigObject& json, const std::string& key,
                                  const std::array<double, 3>& fallback) {
  if (json.raw(key).is_number()) {
    const auto value = json.require<double>(key);
    return {value, value, value};
  }
  if (!json.has(key)) return fallback;
  const auto values = json.require<std::vector<double>>(key);
  if (values.size() != 3) json.reject(key, "3 values");
  return {values[0], values[1], values[2]};
}

void read_size(ConfigObject& json, DptImageProcessor& p) {
  if (const auto size = json.raw("size"); size.is_object()) {
    ConfigObject sides(json.where() + ": size", size);
    p.height = sides.require<std::int64_t>("height");
    p.width = sides.require<std::int64_t>("width");
    sides.finish();
  } else {
    p.height = p.width = json.get("size", p.height);
  }
  if (p.height < 1 || p.width < 1) json.reject("size", "a positive height and width");
}

at::Tensor channels(const std::array<double, 3>& values, const at::Tensor& like) {
  return at::tensor({values[0], values[1], values[2]}, like.options()).view({3, 1, 1});
}

}  // namespace

DptImageProcessor DptImageProcessor::read(ConfigObject json) {
  DptImageProcessor p;
  read_size(json, p);
  p.ensure_multiple_of = json.get("ensure_multiple_of", p.ensure_multiple_of);
  if (p.ensure_multiple_of < 1) json.reject("ensure_multiple_of", "a positive number");
  p.keep_aspect_ratio = json.get("keep_aspect_ratio", p.keep_aspect_ratio);
  const auto resample = json.get<std::int64_t>("resample", static_cast<int>(p.resample));
  if (resample < 1 || resample > 3) json.reject("resample", "1, 2 or 3 (not supported yet)");
  p.resample = static_cast<DptResample>(resample);
  p.rescale_factor = json.get("rescale_factor", p.rescale_factor);
  p.image_mean = per_channel(json, "image_mean", p.image_mean);
  p.image_std = per_channel(json, "image_std", p.image_std);
  if (std::ranges::find(p.image_std, 0.0) != p.image_std.end()) {
    json.reject("image_std", "no zero");
  }
  json.only("do_resize", true);
  json.only("do_rescale", true);
  json.only("do_normalize", true);
  json.only("do_pad", false);
  json.only("do_center_crop", false);
  json.only("do_reduce_labels", false);
  // Of its class and of how its tensors are handed over; pictures come as RGB.
  json.ignore({"image_processor_type", "feature_extractor_type", "processor_class", "data_format",
               "input_data_format", "default_to_square", "do_convert_rgb", "size_divisor"});
  json.finish();
  return p;
}

DptImageProcessor::Size DptImageProcessor::target_size(std::int64_t picture_height,
                                                       std::int64_t picture_width) const {
  const auto real = [](std::int64_t size) { return static_cast<double>(size); };
  double scale_height = real(height) / real(picture_height);
  double scale_width = real(width) / real(picture_width);
  if (keep_aspect_ratio) {
    const bool fit_width = std::abs(1 - scale_width) < std::abs(1 - scale_height);
    (fit_width ? scale_height : scale_width) = fit_width ? scale_width : scale_height;
  }
  const auto round = [this, real](double size) {
    // To the nearest, a half to the even one, as Python's round().
    const auto count = static_cast<std::int64_t>(std::nearbyint(size / real(ensure_multiple_of)));
    return std::max<std::int64_t>(count, 1) * ensure_multiple_of;
  };
  return {round(scale_height * real(picture_height)), round(scale_width * real(picture_width))};
}

at::Tensor DptImageProcessor::normalise(const at::Tensor& bytes) const {
  const auto rescaled = bytes.to(at::kDouble).mul_(rescale_factor).to(at::kFloat);
  return (rescaled - channels(image_mean, rescaled)) / channels(image_std, rescaled);
}

}  // namespace velatura::models
