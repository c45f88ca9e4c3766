#include "models/ip_adapter/ip_adapter.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::Linear;
using layers::Module;

/// What one layer of the UNet has for pictures.
class PictureKeys : public Module {
 public:
  PictureKeys(std::int64_t dim, std::int64_t width)
      : to_k_ip(child<Linear>("to_k_ip", dim, width, /*bias=*/false)),
        to_v_ip(child<Linear>("to_v_ip", dim, width, /*bias=*/false)) {}
  const std::shared_ptr<Linear> to_k_ip, to_v_ip;
};

namespace {

// The files count all attention layers of a UNet, and every other one is a cross-attention.
struct Layers : Module {
  explicit Layers(const IpAdapterConfig& c) {
    for (const std::int64_t width : c.attention_widths) {
      const auto number = std::to_string(2 * all.size() + 1);
      all.push_back(child<PictureKeys>(number, c.cross_attention_dim, width));
    }
  }
  std::vector<std::shared_ptr<PictureKeys>> all;
};

}  // namespace

IpAdapter::IpAdapter(const IpAdapterConfig& config)
    : config_(config),
      image_proj_(adopt("image_proj", make_image_projection(config))),
      layers_(child<Layers>("ip_adapter", config)->all) {}

IpAdapter::~IpAdapter() = default;

layers::PictureAttention IpAdapter::attention(const at::Tensor& tokens, double scale) const {
  layers::PictureAttention seen{.keys = {}, .values = {}, .scale = scale};
  for (const auto& layer : layers_) {
    seen.keys.push_back(layer->to_k_ip->forward(tokens));
    seen.values.push_back(layer->to_v_ip->forward(tokens));
  }
  return seen;
}

}  // namespace velatura::models
