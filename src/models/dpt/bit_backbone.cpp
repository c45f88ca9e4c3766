#include "models/dpt/bit_backbone.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::GroupNorm;
using layers::Module;
using layers::ModuleList;

namespace {

constexpr double kNormEps = 1e-5;

std::shared_ptr<GroupNorm> group_norm(const BitConfig& c, std::int64_t channels) {
  return std::make_shared<GroupNorm>(c.num_groups, channels, kNormEps);
}

// The shortcut of a stage's first layer.
struct DownsampleConv : Module {
  DownsampleConv(const BitConfig& c, std::int64_t in, std::int64_t out, std::int64_t stride)
      : conv(child<WeightStandardizedConv2d>("conv", in, out, 1, stride)),
        norm(adopt("norm", group_norm(c, out))) {}

  at::Tensor forward(const at::Tensor& x) const { return norm->forward(conv->forward(x)); }

  std::shared_ptr<WeightStandardizedConv2d> conv;
  std::shared_ptr<GroupNorm> norm;
};

struct BottleneckLayer : Module {
  BottleneckLayer(const BitConfig& c, std::int64_t in, std::int64_t out, std::int64_t stride,
                  bool first)
      : conv1(child<WeightStandardizedConv2d>("conv1", in, out / 4, 1)),
        conv2(child<WeightStandardizedConv2d>("conv2", out / 4, out / 4, 3, stride)),
        conv3(child<WeightStandardizedConv2d>("conv3", out / 4, out, 1)),
        norm1(adopt("norm1", group_norm(c, out / 4))),
        norm2(adopt("norm2", group_norm(c, out / 4))),
        norm3(adopt("norm3", group_norm(c, out))) {
    if (first) downsample = child<DownsampleConv>("downsample", c, in, out, stride);
  }

  at::Tensor forward(const at::Tensor& x) const {
    at::Tensor hidden = norm1->forward(conv1->forward(x)).relu_();
    hidden = norm2->forward(conv2->forward(hidden)).relu_();
    hidden = norm3->forward(conv3->forward(hidden));
    return hidden.add_(downsample ? downsample->forward(x) : x).relu_();
  }

  std::shared_ptr<WeightStandardizedConv2d> conv1, conv2, conv3;
  std::shared_ptr<GroupNorm> norm1, norm2, norm3;
  std::shared_ptr<DownsampleConv> downsample;  // null but in a stage's first layer
};

struct Embedder : Module {
  explicit Embedder(const BitConfig& c)
      : convolution(child<WeightStandardizedConv2d>("convolution", 3, c.embedding_size, 7, 2)),
        norm(adopt("norm", group_norm(c, c.embedding_size))) {}
  std::shared_ptr<WeightStandardizedConv2d> convolution;
  std::shared_ptr<GroupNorm> norm;
};

// Containers that exist only for the checkpoint's names.
struct BitEncoder : Module {
  BitEncoder() : stages(child<ModuleList<BitStage>>("stages")) {}
  std::shared_ptr<ModuleList<BitStage>> stages;
};

struct Bit : Module {
  explicit Bit(const BitConfig& c)
      : embedder(child<Embedder>("embedder", c)), encoder(child<BitEncoder>("encoder")) {}
  std::shared_ptr<Embedder> embedder;
  std::shared_ptr<BitEncoder> encoder;
};

}  // namespace

class BitStage : public Module {
 public:
  BitStage(const BitConfig& c, std::size_t stage)
      : layers_(child<ModuleList<BottleneckLayer>>("layers")) {
    const std::int64_t out = c.hidden_sizes[stage];
    std::int64_t in = stage == 0 ? c.embedding_size : c.hidden_sizes[stage - 1];
    for (std::int64_t i = 0; i < c.depths[stage]; ++i) {
      layers_->add(c, in, out, /*stride=*/i == 0 && stage > 0 ? 2 : 1, /*first=*/i == 0);
      in = out;
    }
  }

  at::Tensor forward(at::Tensor x) const {
    for (const auto& layer : *layers_) x = layer->forward(x);
    return x;
  }

 private:
  std::shared_ptr<ModuleList<BottleneckLayer>> layers_;
};

BitBackbone::BitBackbone(const BitConfig& c) {
  const auto bit = child<Bit>("bit", c);
  convolution_ = bit->embedder->convolution;
  norm_ = bit->embedder->norm;
  stages_ = bit->encoder->stages;
  for (std::size_t stage = 0; stage < c.depths.size(); ++stage) stages_->add(c, stage);
}

BitBackbone::~BitBackbone() = default;

std::array<at::Tensor, 3> BitBackbone::forward(const at::Tensor& pixel_values) const {
  at::Tensor x = convolution_->forward(pixel_values.contiguous(at::MemoryFormat::ChannelsLast));
  x = norm_->forward(x).relu_();
  x = at::max_pool2d(pad_same(x, 3, 2), 3, 2);  // zeros do: nothing is below them
  std::array<at::Tensor, 3> maps;
  for (std::size_t stage = 0; stage < maps.size(); ++stage) {
    maps[stage] = x = (*stages_)[stage].forward(x);
  }
  return maps;
}

}  // namespace velatura::models
