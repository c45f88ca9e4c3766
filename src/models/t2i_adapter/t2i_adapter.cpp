#include "models/t2i_adapter/t2i_adapter.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::Conv2d;
using layers::Module;
using layers::ModuleList;

namespace {

struct AdapterResnetBlock : Module {
  AdapterResnetBlock(std::int64_t channels, bool light)
      : block1(child<Conv2d>("block1", channels, channels, 3, 1, 1)),
        block2(light ? child<Conv2d>("block2", channels, channels, 3, 1, 1)
                     : child<Conv2d>("block2", channels, channels, 1)) {}

  at::Tensor forward(const at::Tensor& x) const {
    return block2->forward(block1->forward(x).relu_()) + x;
  }

  std::shared_ptr<Conv2d> block1, block2;
};

// A container that exists only for the checkpoint's names.
struct Adapter : Module {
  explicit Adapter(const T2IAdapterConfig& c) {
    if (!c.light) {
      const auto shuffled = c.in_channels * c.downscale_factor * c.downscale_factor;
      conv_in = child<Conv2d>("conv_in", shuffled, c.channels.front(), 3, 1, 1);
    }
    body = child<ModuleList<T2IAdapterBlock>>("body");
  }
  std::shared_ptr<Conv2d> conv_in;
  std::shared_ptr<ModuleList<T2IAdapterBlock>> body;
};

}  // namespace

/// One level. A light one works on a quarter of its channels.
class T2IAdapterBlock : public Module {
 public:
  T2IAdapterBlock(const T2IAdapterConfig& c, std::size_t level) : halves_(c.halves(level)) {
    const auto out = c.channels_of(level), inner = c.light ? out / 4 : out;
    const auto in = level > 0 ? c.channels_of(level - 1)
                    : c.light ? c.in_channels * c.downscale_factor * c.downscale_factor
                              : c.channels.front();
    if (c.light || in != out) in_conv_ = child<Conv2d>("in_conv", in, inner, 1);
    resnets_ = child<ModuleList<AdapterResnetBlock>>("resnets");
    for (std::int64_t i = 0; i < c.num_res_blocks; ++i) resnets_->add(inner, c.light);
    if (c.light) out_conv_ = child<Conv2d>("out_conv", inner, out, 1);
  }

  at::Tensor forward(at::Tensor x) const {
    if (halves_) x = at::avg_pool2d(x, 2, 2, 0, /*ceil_mode=*/true);
    if (in_conv_) x = in_conv_->forward(x);
    for (const auto& resnet : *resnets_) x = resnet->forward(x);
    return out_conv_ ? out_conv_->forward(x) : x;
  }

 private:
  bool halves_;
  std::shared_ptr<Conv2d> in_conv_, out_conv_;  // may be null
  std::shared_ptr<ModuleList<AdapterResnetBlock>> resnets_;
};

T2IAdapter::T2IAdapter(const T2IAdapterConfig& c) : config_(c) {
  const auto adapter = child<Adapter>("adapter", c);
  conv_in_ = adapter->conv_in;
  body_ = adapter->body;
  for (std::size_t level = 0; level < c.levels(); ++level) body_->add(c, level);
}

T2IAdapter::~T2IAdapter() = default;

std::vector<at::Tensor> T2IAdapter::forward(const at::Tensor& hint) const {
  const layers::Visit visit(*this);
  auto x = at::pixel_unshuffle(hint, config_.downscale_factor)
               .contiguous(at::MemoryFormat::ChannelsLast);
  if (conv_in_) x = conv_in_->forward(x);
  std::vector<at::Tensor> features;
  for (const auto& block : *body_) features.push_back(x = block->forward(x));
  return features;
}

}  // namespace velatura::models
