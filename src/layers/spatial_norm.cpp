#include "layers/spatial_norm.h"

#include <ATen/ATen.h>

#include <utility>

namespace velatura::layers {
namespace {

constexpr std::int64_t kGroups = 32;
constexpr double kEps = 1e-6;

}  // namespace

SpatialNorm::SpatialNorm(std::int64_t channels, std::int64_t latent_channels)
    : norm_layer_(child<GroupNorm>("norm_layer", kGroups, channels, kEps)),
      conv_y_(child<Conv2d>("conv_y", latent_channels, channels, 1)),
      conv_b_(child<Conv2d>("conv_b", latent_channels, channels, 1)) {}

// Each place's scale and shift are those of the latent it comes from, so the convolutions see the
// small picture; where a latent stands for whole pixels, its results are not enlarged either.
at::Tensor SpatialNorm::forward(at::Tensor x, const at::Tensor& latents) const {
  const at::Tensor z = latents.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor scale = conv_y_->forward(z), shift = conv_b_->forward(z);
  at::Tensor normed = norm_layer_->forward(std::move(x));
  const std::int64_t rows = z.size(2), columns = z.size(3);
  if (normed.size(2) % rows == 0 && normed.size(3) % columns == 0) {
    const auto of_places = [](const at::Tensor& map) { return map.unsqueeze(4).unsqueeze(3); };
    normed.unflatten(2, {rows, -1})
        .unflatten(4, {columns, -1})  // [B, C, h, H / h, w, W / w]
        .mul_(of_places(scale))
        .add_(of_places(shift));
    return normed;
  }
  const auto enlarged = [&](const at::Tensor& map) {
    return at::upsample_nearest2d(map, normed.sizes().slice(2));
  };
  return normed.mul_(enlarged(scale)).add_(enlarged(shift));
}

at::Tensor PlainOrSpatialNorm::forward(at::Tensor x, const at::Tensor& latents) const {
  return plain ? plain->forward(std::move(x)) : spatial->forward(std::move(x), latents);
}

at::Tensor PlainOrSpatialNorm::forward_silu(at::Tensor x, const at::Tensor& latents) const {
  if (plain) return plain->forward_silu(std::move(x));
  at::Tensor normed = spatial->forward(std::move(x), latents);
  return at::silu_(normed);
}

}  // namespace velatura::layers
