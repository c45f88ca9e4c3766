#include "inspection/picture_work.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "inspection/component_summary.h"
#include "weights/layouts/control_files.h"
#include "weights/layouts/depth_estimator.h"
#include "weights/layouts/image_encoder.h"

namespace velatura::inspection {
namespace {

constexpr int kUpscaleTile = 128;
constexpr std::int64_t kSmallestTile = 32;  // latents, of tiles that nobody asked for

struct Sides {
  std::int64_t width, height;
};

Sides own_size(const ModelSize& model) {
  const std::int64_t side = model.unet.sample_size.value_or(0) * model.vae.factor();
  return {side, side};
}

Sides asked(const auto& request, Sides otherwise) {
  return {request.width ? *request.width : otherwise.width,
          request.height ? *request.height : otherwise.height};
}

Sides size_of(const ModelSize& model, const TextToImage& request) {
  return asked(request, own_size(model));
}
Sides size_of(const ModelSize&, const ImageToImage& request) {
  return asked(request, {request.image.width, request.image.height});
}
Sides size_of(const ModelSize&, const DepthToImage& request) {
  return asked(request, {request.image.width, request.image.height});
}
Sides size_of(const ModelSize& model, const Inpaint& request) {
  if (request.extend.empty() || request.mask_crop) return asked(request, own_size(model));
  const Margins& more = request.extend;
  return asked(request, {request.image.width + more.left + more.right,
                         request.image.height + more.top + more.bottom});
}
Sides size_of(const ModelSize& model, const Variations& request) {
  return asked(request, own_size(model));
}
Sides size_of(const ModelSize& model, const Upscale& request) {
  const std::int64_t factor = model.vae.factor();
  return {request.image.width * factor, request.image.height * factor};
}

std::int64_t elements_of(const weights::WeightSource& source) {
  std::int64_t count = 0;
  for (const auto& [dtype, elements] : elements_by_dtype(source)) count += elements;
  return count;
}

// Of every network once.
std::int64_t parameters_beside(const PictureRequest& request) {
  std::set<std::filesystem::path> controls;
  std::int64_t count = 0;
  for (const ControlUse& control : request.controls) {
    if (!control.model.empty() && controls.insert(control.model).second)
      count += elements_of(*weights::open_control(control.model).weights);
  }
  if (!request.image_encoder.empty())
    count += elements_of(*weights::open_image_encoder(request.image_encoder).weights);
  if (!request.depth_estimator.empty())
    count += elements_of(*weights::open_depth_estimator(request.depth_estimator).network.weights);
  return count;
}

}  // namespace

PictureWork work_of(const ModelSize& model, const Request& request, int batch_size,
                    std::optional<int> vae_tile) {
  const auto [width, height] =
      std::visit([&](const auto& task) { return size_of(model, task); }, request);
  const auto* const upscale = std::get_if<Upscale>(&request);
  return {.height = height,
          .width = width,
          .pictures = batch_size,
          .guided = is_guided(common(request)),
          .unet_tile = upscale == nullptr ? 0 : upscale->tile.value_or(kUpscaleTile),
          .vae_tile = vae_tile,
          .parameters_beside = parameters_beside(common(request))};
}

PictureWork own_work(const ModelSize& model, std::optional<int> vae_tile) {
  const auto [width, height] = own_size(model);
  return {.height = height, .width = width, .vae_tile = vae_tile};
}

int upscale_tile(const ModelSize& model, const Upscale& request, int batch_size,
                 std::optional<int> vae_tile, Precision precision, std::uint64_t free) {
  PictureWork whole = work_of(model, request, batch_size, vae_tile);
  whole.unet_tile = 0;
  const std::int64_t needed = estimate_memory(model, whole, precision).work;
  return static_cast<std::uint64_t>(needed) <= free ? 0 : kUpscaleTile;
}

PictureWork least_work(PictureWork work, std::int64_t vae_factor) {
  work.pictures = 1;
  const auto smallest = static_cast<int>(kSmallestTile * vae_factor);
  work.vae_tile = work.vae_tile.value_or(0) == 0 ? smallest : std::min(smallest, *work.vae_tile);
  return work;
}

}  // namespace velatura::inspection
