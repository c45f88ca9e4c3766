#include "inspection/memory_estimate.h"

#include <algorithm>

#include "core/device.h"
#include "inspection/component_summary.h"
#include "models/vae/tile_side.h"
#include "models/vq_model/config.h"
#include "velatura/error.h"
#include "weights/layouts/pipeline_class.h"

namespace velatura::inspection {
namespace {

// What operators need beside their tensors, and what is kept for the next one, as measured.
constexpr double kUNetSlack = 1.6;
constexpr std::int64_t kStartLatents = 8;  // tensors like the latents that a sampler holds, float32
// Beside a network that passes: memory that is kept for what comes next, weights that are laid out; no more
// than the network itself. Measured for Kandinsky 2.1 and 2.2, whose peak is in their priors.
constexpr std::int64_t kPassingWork = std::int64_t{448} << 20;
// Of a depth estimator's layers at its own size, 384² pixels.
constexpr std::int64_t kDepthWork = std::int64_t{200} << 20;
// A finished picture in float32, rounded, and as bytes, for each of its pixels.
constexpr std::int64_t kFinishedPixel = 48, kTiledPixel = 16;

// Of the largest network's weights, the part that is on a GPU at once where they come by layers: what
// stays there between its layers, and the largest of these. Measured for Stable Diffusion 1.5.
constexpr std::int64_t kLayersShare = 4;

// Numbers of the network that denoises, of a hundred, that are not held as int8: of what is not made of sixteens of
// channels or has another stride. Those that are have scales beside them.
constexpr std::int64_t kNotInt8Percent = 3;

std::int64_t bytes_of(at::ScalarType dtype) {
  return static_cast<std::int64_t>(c10::elementSize(dtype));
}

// Elements that are alive at once in the UNet, for each latent that it sees.
double unet_elements(const models::UNetConfig& unet) {
  const auto& levels = unet.levels;
  double skips = static_cast<double>(levels.front().channels), widest = 0, share = 1;
  for (std::size_t i = 0; i < levels.size(); ++i, share /= 4) {
    const auto channels = static_cast<double>(levels[i].channels);
    const bool last = i + 1 == levels.size();
    skips += share * channels * (static_cast<double>(levels[i].layers) + (last ? 0 : 0.25));
    const auto below = static_cast<double>(levels[last ? i : i + 1].channels);
    const double joined = below + channels;  // what a block on the way up is given
    double block = 2 * joined + 2 * channels;
    // x, what is added to it, its norm, and the wide middle of the feed-forward layer.
    if (levels[i].up.find("CrossAttn") != std::string::npos) block = std::max(block, 15 * channels);
    widest = std::max(widest, share * block);
  }
  return skips + widest;
}

std::int64_t elements_of(const weights::Part& part) {
  std::int64_t count = 0;
  for (const auto& [dtype, elements] : elements_by_dtype(*part.weights)) count += elements;
  return count;
}

double denoising_bytes(const ModelSize& model, const PictureWork& work, at::ScalarType dtype) {
  const std::int64_t factor = model.vae.factor();
  const std::int64_t height = work.height / factor, width = work.width / factor;
  const auto seen = [&](std::int64_t side) {
    return work.unet_tile == 0 ? side : std::min(side, work.unet_tile);
  };
  const double rows = work.pictures * (work.guided ? 2.0 : 1.0);
  const double latents = static_cast<double>(height * width * work.pictures) *
                         static_cast<double>(model.vae.latent_channels * kStartLatents * 4);
  return rows * static_cast<double>(seen(height) * seen(width) * bytes_of(dtype)) *
             unet_elements(model.unet) * kUNetSlack +
         latents;
}

double decoding_bytes(const ModelSize& model, const PictureWork& work, at::ScalarType dtype) {
  const auto& channels = model.vae.block_out_channels;
  const std::int64_t tile =
      models::vae_tile_side(model.vae.factor(), work.height, work.width, work.vae_tile);
  const auto seen = [&](std::int64_t side) { return tile == 0 ? side : std::min(side, tile); };
  const auto pixels = static_cast<double>(work.height * work.width);
  const auto layer = static_cast<double>(seen(work.height) * seen(work.width) *
                                         channels[std::min<std::size_t>(1, channels.size() - 1)]);
  return layer * (dtype == at::kFloat ? 12 : 10) +
         pixels * static_cast<double>(tile == 0 ? 0 : kTiledPixel);
}

}  // namespace

ModelSize size_of(const weights::ModelFiles& files, const weights::PriorFiles& prior) {
  const weights::Part* const movq = files.find("movq");
  ModelSize size{.parameters = 0,
                 .largest = 0,
                 .vae_parameters = 0,
                 .depth_parameters = 0,
                 .unet = models::UNetConfig::read(files.part("unet").config),
                 .vae = movq != nullptr ? models::VqConfig::read(movq->config)
                                        : models::VaeConfig::read(files.part("vae").config)};
  for (const weights::Part& part : files.parts) {
    const bool is_codec = part.role == "vae" || part.role == "movq";
    const bool passes = part.role.starts_with(weights::kOwnPrior) ||
                        (movq != nullptr && part.role == "text_encoder");
    std::int64_t& count = is_codec                         ? size.vae_parameters
                          : part.role == "depth_estimator" ? size.depth_parameters
                                                           : size.parameters;
    const std::int64_t own = elements_of(part);
    if (passes) {
      size.passing_parameters = std::max(size.passing_parameters, own);
    } else {
      count += own;
      size.largest = std::max(size.largest, own);
    }
  }
  if (!prior.files) return size;
  for (const weights::Part& part : prior.files->parts)
    size.passing_parameters = std::max(size.passing_parameters, elements_of(part));
  return size;
}

ModelSize with_refiner(ModelSize model, const ModelSize& refiner) {
  model.parameters += refiner.parameters;
  model.vae_parameters += refiner.vae_parameters;
  model.largest = std::max(model.largest, refiner.largest);
  return model;
}

MemoryNeed estimate_memory(const ModelSize& model, const PictureWork& work, Precision precision) {
  const std::int64_t passing = model.passing_parameters * bytes_of(precision.dtype);
  const double finished = static_cast<double>(work.height * work.width * kFinishedPixel);
  const double peak = std::max({denoising_bytes(model, work, precision.dtype),
                                decoding_bytes(model, work, precision.vae_dtype), finished,
                                static_cast<double>(model.depth_parameters > 0 ? kDepthWork : 0),
                                static_cast<double>(passing + std::min(passing, kPassingWork))});
  // The largest network is the one that denoises.
  const std::int64_t in_bytes =
      precision.int8_weights ? model.largest * (100 - kNotInt8Percent) / 100 : 0;
  return {.weights =
              in_bytes +
              (model.parameters - in_bytes + work.parameters_beside) * bytes_of(precision.dtype) +
              model.vae_parameters * bytes_of(precision.vae_dtype) +
              model.depth_parameters * bytes_of(at::kFloat),
          .work = static_cast<std::int64_t>(peak)};
}

MemoryNeed offloaded_need(const ModelSize& model, const PictureWork& work, Precision precision,
                          Offload offload) {
  MemoryNeed need = estimate_memory(model, work, precision);
  if (offload == Offload::none) return need;
  // The largest network is the one that denoises, and what stands beside it stays there.
  const std::int64_t share = offload == Offload::layers ? kLayersShare : 1;
  need.weights = (model.largest / share + work.parameters_beside) * bytes_of(precision.dtype);
  return need;
}

Offload settle_offload(Offload asked, at::Device device, const ModelSize& model,
                       const PictureWork& work, Precision precision) {
  if (device.is_cpu()) {
    if (asked == Offload::automatic || asked == Offload::none) return Offload::none;
    throw UsageError("offload is for GPUs: on the CPU the weights are in its memory already",
                     {"offload"});
  }
  if (asked != Offload::automatic) return asked;
  const std::uint64_t free = free_memory(device);
  for (const Offload offload : {Offload::none, Offload::model}) {
    const MemoryNeed need = offloaded_need(model, work, precision, offload);
    if (free == 0 || static_cast<std::uint64_t>(need.weights + need.work) <= free) return offload;
  }
  return Offload::layers;
}

PeakMemory peak_memory(const ModelSize& model, std::int64_t size) {
  const auto peak = [&](at::ScalarType dtype, bool int8_weights = false) {
    const MemoryNeed need =
        estimate_memory(model, {.height = size, .width = size}, {dtype, dtype, int8_weights});
    return kProgramBytes + need.weights + need.work;
  };
  return {.float32 = peak(at::kFloat),
          .bfloat16 = peak(at::kBFloat16),
          .int8 = peak(at::kBFloat16, /*int8_weights=*/true)};
}

}  // namespace velatura::inspection
