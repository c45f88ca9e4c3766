#include "families/size_conditioning.h"

#include "velatura/error.h"

namespace velatura::families {
namespace {

constexpr double kScore = 6.0, kNegativeScore = 2.5;

std::vector<double> numbers(Extent original, Offset crop) {
  return {static_cast<double>(original.height), static_cast<double>(original.width),
          static_cast<double>(crop.y), static_cast<double>(crop.x)};
}

std::vector<double> with_size(Extent original, Offset crop, Extent target) {
  auto all = numbers(original, crop);
  all.insert(all.end(), {static_cast<double>(target.height), static_cast<double>(target.width)});
  return all;
}

std::vector<double> with_score(Extent original, Offset crop, double score) {
  auto all = numbers(original, crop);
  all.push_back(score);
  return all;
}

// From text, all of what is negative counts, or nothing.
void check_negative(const SizeConditioning& negative) {
  const auto& [original, target, crop, score] = negative;
  if (original.has_value() != target.has_value()) {
    throw UsageError("negative-original-size and negative-target-size go together",
                     {original ? "negative-target-size" : "negative-original-size",
                      original ? "negative-original-size" : "negative-target-size"});
  }
  if (crop && !original) {
    throw UsageError(
        "negative-crop-top-left goes with negative-original-size and negative-target-size",
        {"negative-crop-top-left", "negative-original-size", "negative-target-size"});
  }
}

}  // namespace

std::vector<std::string_view> size_fields(SizeTelling telling) {
  std::vector<std::string_view> fields{"original-size", "crop-top-left", "negative-original-size",
                                       "negative-crop-top-left"};
  if (telling == SizeTelling::sizes) {
    fields.insert(fields.end(), {"target-size", "negative-target-size"});
  } else {
    fields.insert(fields.end(), {"aesthetic-score", "negative-aesthetic-score"});
  }
  return fields;
}

TimeIds time_ids(const PictureRequest& request, const pipelines::PictureFrame& frame,
                 SizeTelling telling, Observer& observer) {
  const Extent own{frame.size.width, frame.size.height};
  const SizeConditioning &sizes = request.sizes, &negative = request.negative_sizes;
  const Extent original = sizes.original_size.value_or(own);
  const Offset crop = sizes.crop_top_left.value_or(Offset{});
  const Offset negative_crop = negative.crop_top_left.value_or(Offset{});
  if (telling == SizeTelling::score) {
    return {with_score(original, crop, sizes.aesthetic_score.value_or(kScore)),
            with_score(negative.original_size.value_or(original), negative_crop,
                       negative.aesthetic_score.value_or(kNegativeScore))};
  }
  const Extent target = sizes.target_size.value_or(own);
  const auto wanted = with_size(original, crop, target);
  if (frame.from_picture) {
    if (negative.crop_top_left)
      observer.on_warning("negative-crop-top-left has no effect where a picture is changed");
    return {wanted, with_size(negative.original_size.value_or(original), crop,
                              negative.target_size.value_or(target))};
  }
  check_negative(negative);
  if (!negative.original_size) return {wanted, wanted};
  return {wanted, with_size(*negative.original_size, negative_crop, *negative.target_size)};
}

}  // namespace velatura::families
