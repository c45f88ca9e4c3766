#include "families/autoencoder.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>

#include "core/device.h"
#include "core/finite.h"
#include "core/tf32.h"
#include "layers/norm.h"
#include "models/vae/tile_side.h"
#include "pipelines/memory_ladder.h"
#include "velatura/error.h"

namespace velatura::families {

using pipelines::Posterior;
using pipelines::Ratio;
using pipelines::Tiling;

namespace {

constexpr std::int64_t kSmallestTile = 16;    // latents
constexpr std::int64_t kSmallestRefuge = 32;  // latents, of tiles that nobody asked for

at::Tensor drawn(const Posterior& posterior, const at::Tensor& noise) {
  if (posterior.is_certain()) return posterior.mean;
  return posterior.mean + at::exp(0.5 * posterior.log_variance) * noise;
}

// Numbers, one a channel, for latents. @return [1, C, 1, 1]
at::Tensor of_channels(const std::vector<double>& numbers, const at::Tensor& latents) {
  return at::tensor(numbers).view({1, -1, 1, 1}).to(latents.options());
}

models::VaeConfig config_of(const CodecNetwork& network) {
  const auto* const quantised = std::get_if<std::shared_ptr<models::VqModel>>(&network);
  if (quantised == nullptr) return std::get<0>(network)->config();
  const models::VqConfig& config = (*quantised)->config();
  models::VaeConfig common = config;
  common.latent_channels = config.vq_embed_dim;
  return common;
}

at::Tensor encoded(const models::AutoencoderKL& network, const at::Tensor& pixels) {
  const auto posterior = network.encode(pixels);
  return at::cat({posterior.mean, posterior.log_variance}, 1);
}
at::Tensor encoded(const models::VqModel& network, const at::Tensor& pixels) {
  return network.encode(pixels);
}

}  // namespace

void check_vae_tile(std::optional<int> tile, std::int64_t factor) {
  const auto smallest = kSmallestTile * factor;
  const auto multiple = 4 * factor;  // the overlap, a quarter, is whole latents, too
  if (tile && *tile != 0 && (*tile < smallest || *tile % multiple != 0)) {
    throw UsageError("vae-tile " + std::to_string(*tile) + ": expected a multiple of " +
                         std::to_string(multiple) + " from " + std::to_string(smallest) +
                         ", or off",
                     {"vae-tile"});
  }
}

Autoencoder::Autoencoder(Load load, at::Device device, at::ScalarType asked,
                         std::optional<int> tile, FaultFinder faults, Range range)
    : load_(std::move(load)),
      device_(device),
      asked_(asked),
      dtype_(range == Range::wide && asked == at::kHalf ? at::kFloat : asked),
      tile_(tile),
      vae_(load_(dtype_)),
      config_(config_of(*vae_)),
      faults_(std::move(faults)),
      range_(range) {
  check_vae_tile(tile, config_.factor());
}

layers::Module& Autoencoder::network() const {
  return std::visit([](const auto& network) -> layers::Module& { return *network; }, *vae_);
}

std::int64_t Autoencoder::tile_for(std::int64_t height, std::int64_t width) const {
  return models::vae_tile_side(factor(), height, width, tile_);
}

at::Tensor Autoencoder::run(const at::Tensor& x, const std::optional<Parts>& parts, Ratio scale,
                            const std::function<at::Tensor(const at::Tensor&)>& work,
                            const char* when, Observer& observer) {
  const auto attempt = [&] {
    std::optional<Tf32Allowed> tf32;
    if (device_.is_cuda() && dtype_ != asked_) tf32.emplace();
    if (!vae_) vae_ = load_(dtype_);
    const auto in_dtype = [&](const at::Tensor& part) { return work(part.to(dtype_)); };
    const auto placed = x.to(device_, at::kFloat);
    if (!parts) return in_dtype(placed).to(at::kFloat);
    // Tiles that normalised by themselves would each shift colours in a way of its own.
    const layers::HeldStatistics of_the_whole(network());
    in_dtype(parts->excerpt.to(device_, at::kFloat));
    return pipelines::in_tiles(
        placed, parts->tiling, scale,
        [&](const at::Tensor& tile, const Region&) { return in_dtype(tile); });
  };
  auto result = attempt();
  if (all_finite(result)) return result;
  if (dtype_ != at::kFloat && faults_.faulty_weight(at::kFloat).empty()) {
    observer.on_warning("the VAE overflows in " + dtype_name(dtype_) +
                        "; it works in float32 from here on");
    vae_.reset();  // before the other needs memory
    dtype_ = at::kFloat;
    result = attempt();
    if (all_finite(result)) return result;
  }
  throw faults_.explain("VAE", dtype_, when);
}

at::Tensor Autoencoder::within_memory(std::int64_t height, std::int64_t width,
                                      const std::function<at::Tensor()>& work, Observer& observer) {
  const auto multiple = 4 * factor();
  const auto shrink = [&]() -> std::string {
    const auto now = tile_for(height, width);
    const auto smaller = (now != 0 ? now : std::max(height, width)) / 2 / multiple * multiple;
    if (smaller < kSmallestRefuge * factor()) return "";
    tile_ = static_cast<int>(smaller);
    return "the VAE works in tiles of " + std::to_string(smaller) + " pixels";
  };
  at::Tensor result;
  pipelines::with_less_memory([&] { result = work(); }, shrink, device_, observer);
  return result;
}

at::Tensor Autoencoder::encode_network(const at::Tensor& pixels, Observer& observer) {
  const auto factor = this->factor();
  std::optional<Parts> parts;
  if (const auto tile = tile_for(pixels.size(2), pixels.size(3))) {
    parts = {{tile, tile / 4}, pipelines::thinned(pixels, tile, factor)};
  }
  return run(
      pixels, parts, {1, factor},
      [this](const at::Tensor& part) {
        return std::visit([&part](const auto& network) { return encoded(*network, part); }, *vae_);
      },
      "where it encodes the picture", observer);
}

Posterior Autoencoder::encode(const at::Tensor& pixels, Observer& observer) {
  if (range_ == Range::wide && dtype_ != at::kFloat) {
    return Autoencoder(load_, device_, at::kFloat, tile_, faults_).encode(pixels, observer);
  }
  const auto moments = within_memory(
      pixels.size(2), pixels.size(3), [&] { return encode_network(pixels, observer); }, observer);
  if (moments.size(1) == latent_channels()) return {moments};
  const auto halves = moments.chunk(2, 1);
  return {halves[0], halves[1]};
}

at::Tensor Autoencoder::sample(const Posterior& posterior, const at::Tensor& noise) const {
  if (config().latents_mean.empty()) return sample_uncentred(posterior, noise);
  const auto latents = drawn(posterior, noise);
  return (latents - of_channels(config().latents_mean, latents)) * config().scaling_factor /
         of_channels(config().latents_std, latents);
}

at::Tensor Autoencoder::sample_uncentred(const Posterior& posterior,
                                         const at::Tensor& noise) const {
  return config().scaling_factor * drawn(posterior, noise);
}

at::Tensor Autoencoder::decode_once(const at::Tensor& latents, Observer& observer) {
  const auto factor = this->factor();
  const auto unscaled =
      config().latents_mean.empty()
          ? latents / config().scaling_factor
          : latents * of_channels(config().latents_std, latents) / config().scaling_factor +
                of_channels(config().latents_mean, latents);
  std::optional<Parts> parts;
  if (const auto tile = tile_for(latents.size(2) * factor, latents.size(3) * factor)) {
    const auto quarter = tile / factor / 4;
    parts = {{tile / factor, quarter}, pipelines::squares_of(unscaled, quarter)};
  }
  return run(
      unscaled, parts, {factor, 1},
      [this](const at::Tensor& part) {
        return std::visit([&part](const auto& network) { return network->decode(part); }, *vae_);
      },
      "where it decodes", observer);
}

at::Tensor Autoencoder::decode(const at::Tensor& latents, Observer& observer) {
  const auto factor = this->factor();
  return within_memory(
      latents.size(2) * factor, latents.size(3) * factor,
      [&] { return decode_once(latents, observer); }, observer);
}

}  // namespace velatura::families
