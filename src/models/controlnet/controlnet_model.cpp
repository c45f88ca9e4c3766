#include "models/controlnet/controlnet_model.h"

namespace velatura::models {

using layers::Conv2d;
using layers::ModuleList;

/// Convolutions that bring a hint to the latents' size.
class ControlNetConditioningEmbedding : public layers::Module {
 public:
  explicit ControlNetConditioningEmbedding(const ControlNetConfig& c) {
    const auto& channels = c.embedding_channels;
    conv_in_ = child<Conv2d>("conv_in", c.conditioning_channels, channels.front(), 3, 1, 1);
    blocks_ = child<ModuleList<Conv2d>>("blocks");
    for (std::size_t i = 0; i + 1 < channels.size(); ++i) {
      blocks_->add(channels[i], channels[i], 3, 1, 1);
      blocks_->add(channels[i], channels[i + 1], 3, 2, 1);
    }
    conv_out_ =
        child<Conv2d>("conv_out", channels.back(), c.trunk.levels.front().channels, 3, 1, 1);
  }

  at::Tensor forward(const at::Tensor& hint) const {
    auto x = at::silu(conv_in_->forward(hint.contiguous(at::MemoryFormat::ChannelsLast)));
    for (const auto& block : *blocks_) x = at::silu(block->forward(x));
    return conv_out_->forward(x);
  }

 private:
  std::shared_ptr<Conv2d> conv_in_, conv_out_;
  std::shared_ptr<ModuleList<Conv2d>> blocks_;
};

ControlNetModel::ControlNetModel(const ControlNetConfig& c) : UNetTrunk(c.trunk), config_(c) {
  controlnet_cond_embedding_ =
      child<ControlNetConditioningEmbedding>("controlnet_cond_embedding", c);
  controlnet_down_blocks_ = child<ModuleList<Conv2d>>("controlnet_down_blocks");
  const auto& levels = c.trunk.levels;
  const auto skip = [this](std::int64_t channels) {
    controlnet_down_blocks_->add(channels, channels, 1);
  };
  skip(levels.front().channels);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (std::int64_t layer = 0; layer < levels[i].layers; ++layer) skip(levels[i].channels);
    if (i + 1 < levels.size()) skip(levels[i].channels);
  }
  const auto channels = levels.back().channels;
  controlnet_mid_block_ = child<Conv2d>("controlnet_mid_block", channels, channels, 1);
}

ControlNetModel::~ControlNetModel() = default;

at::Tensor ControlNetModel::embed_hint(const at::Tensor& hint) const {
  const layers::Visit visit(*this);
  return controlnet_cond_embedding_->forward(config_.bgr ? hint.flip(1) : hint);
}

UNetResiduals ControlNetModel::forward(const at::Tensor& sample, const at::Tensor& timesteps,
                                       const layers::AttentionContext& context,
                                       const TimeConditions& conditions,
                                       const at::Tensor& hint) const {
  const layers::Visit visit(*this);
  const auto temb = embed(timesteps, conditions, sample.scalar_type());
  const at::Tensor x = enter(sample) + hint;
  Skips skips{x};
  UNetResiduals residuals;
  const auto middle = descend(x, temb, context, skips);
  for (std::size_t i = 0; i < skips.size(); ++i) {
    residuals.skips.push_back((*controlnet_down_blocks_)[i].forward(skips[i]));
  }
  residuals.mid = controlnet_mid_block_->forward(middle);
  return residuals;
}

}  // namespace velatura::models
