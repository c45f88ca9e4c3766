#include "pipelines/inpaint_canvas.h"

#include <algorithm>
#include <string>
#include <utility>

#include "image/fit.h"
#include "image/gaussian_blur.h"
#include "image/resize.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

constexpr int kLargestBlur = 1024;

// The mask, extended with white.
Raster whole_mask(const Inpaint& request) {
  Raster mask = to_raster(request.mask);
  if (mask.pixels.empty()) mask = make_raster(request.image.width, request.image.height, 1);
  if (request.extend.empty()) return mask;
  const auto& [left, top, right, bottom] = request.extend;
  const auto& [width, height, pixels] = request.image;
  Raster grown = make_raster(width + left + right, height + top + bottom, 1);
  std::ranges::fill(grown.pixels, 255);
  paste(grown, resize(mask, width, height, Filter::lanczos), left, top);
  return grown;
}

void check(const Inpaint& request) {
  const auto& [left, top, right, bottom] = request.extend;
  for (const int margin : {left, top, right, bottom}) check_range("extend", margin, 0, 16384);
  check_range("mask-blur", request.mask_blur, 0, kLargestBlur);
  if (request.mask_crop) check_range("mask-crop", *request.mask_crop, 0, 16384);
  if (request.mask_crop && !request.paste) {
    throw UsageError("mask-crop puts the region back: it does not go with no-paste",
                     {"mask-crop", "no-paste"});
  }
  if (request.mask_crop && request.fit != Fit::stretch) {
    throw UsageError("mask-crop keeps the region's proportions: it does not go with resize",
                     {"mask-crop", "resize"});
  }
  if (request.mask.values.empty() && request.extend.empty()) {
    throw UsageError("inpaint needs mask or extend", {"mask", "extend"});
  }
}

Size canvas_size(const LatentModel& model, const Inpaint& request, const Raster& picture) {
  if (request.extend.empty() || request.mask_crop) {
    return settle_size(model, request.width, request.height);
  }
  return {check_side(request.width ? "width" : "extend: the width",
                     request.width.value_or(picture.width), model),
          check_side(request.height ? "height" : "extend: the height",
                     request.height.value_or(picture.height), model)};
}

// As diffusers, inpainting gives the picture the model's own size where none is asked for.
void warn_of_scaling(const LatentModel& model, const Inpaint& request, const Size& size,
                     Observer& observer) {
  const Size own{request.image.width, request.image.height};
  if (size == own || (request.width && request.height) || !request.extend.empty()) return;
  warn_of_size(request.image, size,
               nearest_size(model, request.image) +
                   " paints it about as large as it is, --mask-crop 32 only around the mask, which "
                   "keeps the rest as it is",
               observer);
}

// As diffusers crops: proportions are kept, and edges drawn out.
Raster cut_out(const Raster& whole, const Region& region, const Size& size,
               Filter filter = Filter::lanczos) {
  return fit(crop(whole, region.x, region.y, region.width, region.height), size.width, size.height,
             Fit::pad, filter);
}

}  // namespace

InpaintCanvas make_canvas(const LatentModel& model, const Inpaint& request, Observer& observer) {
  check(request);
  Raster picture = to_raster(request.image);
  if (!request.extend.empty()) picture = extend(picture, request.extend);
  Raster mask = whole_mask(request);
  if (request.mask_blur > 0.0) mask = gaussian_blur(mask, static_cast<float>(request.mask_blur));
  const auto [width, height] = canvas_size(model, request, picture);
  if (is_black(mask)) {
    if (request.mask_crop) throw InputError("the mask is black: there is no region to crop to");
    observer.on_warning("the mask is black: nothing is repainted");
  }
  if (!request.mask_crop) {
    warn_of_scaling(model, request, {width, height}, observer);
    return {fit(picture, width, height, request.fit, model.traits.picture_filter),
            fit(mask, width, height, request.fit, Filter::lanczos), request.paste, std::nullopt};
  }
  mask = resize(mask, picture.width, picture.height, Filter::lanczos);
  const Region region = masked_region(mask, width, height, *request.mask_crop);
  const Size size{width, height};
  Raster scene = cut_out(picture, region, size, model.traits.picture_filter);
  Raster hole = cut_out(mask, region, size);
  return {std::move(scene), std::move(hole), true,
          InpaintCanvas::Whole{std::move(picture), std::move(mask), region}};
}

Raster InpaintCanvas::part_of(const Raster& picture) const {
  return whole ? cut_out(picture, whole->region, {scene.width, scene.height}) : picture;
}

Image InpaintCanvas::finish(Image&& painted) const {
  if (!paste) return std::move(painted);
  const Raster raster = to_raster(std::move(painted));
  if (!whole) return to_image(overlay(scene, raster, hole));
  const auto& [picture, mask, region] = *whole;
  const Raster part = fit(raster, region.width, region.height, Fit::crop, Filter::lanczos);
  Raster full = picture;
  velatura::paste(full, part, region.x, region.y);
  return to_image(overlay(picture, full, mask));
}

}  // namespace velatura::pipelines
