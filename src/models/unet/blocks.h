#pragma once

#include <vector>

#include "layers/resample.h"
#include "layers/resnet_block.h"
#include "layers/transformer_2d.h"
#include "models/unet/config.h"

namespace velatura::models {

/// The skip connections of one forward pass, finest first.
using Skips = std::vector<at::Tensor>;

/// DownBlock2D and CrossAttnDownBlock2D: ResNet blocks, each followed by a transformer in the
/// latter; then a downsampler except on the coarsest level.
class UNetDownBlock : public layers::Module {
 public:
  UNetDownBlock(const UNetConfig& config, std::size_t level);
  /// Appends every output to `skips`. @param temb [B, time_embedding_dim], SiLU applied
  at::Tensor forward(at::Tensor x, const at::Tensor& temb, const at::Tensor& context,
                     Skips& skips) const;

 private:
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
  std::shared_ptr<layers::ModuleList<layers::Transformer2DModel>> attentions_;  // may be null
  std::shared_ptr<layers::ModuleList<layers::Downsample2D>> downsamplers_;      // may be null
};

/// UNetMidBlock2DCrossAttn: ResNet, transformer, ResNet.
class UNetMidBlock : public layers::Module {
 public:
  explicit UNetMidBlock(const UNetConfig& config);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& temb, const at::Tensor& context) const;

 private:
  std::shared_ptr<layers::ModuleList<layers::Transformer2DModel>> attentions_;
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
};

/// UpBlock2D and CrossAttnUpBlock2D: as on the way down, each ResNet block taking a skip as well.
class UNetUpBlock : public layers::Module {
 public:
  UNetUpBlock(const UNetConfig& config, std::size_t level);
  /// Takes its skips from the end of `skips`, and upsamples to the size of the next one.
  at::Tensor forward(at::Tensor x, const at::Tensor& temb, const at::Tensor& context,
                     Skips& skips) const;

 private:
  std::shared_ptr<layers::ModuleList<layers::ResnetBlock2D>> resnets_;
  std::shared_ptr<layers::ModuleList<layers::Transformer2DModel>> attentions_;  // may be null
  std::shared_ptr<layers::ModuleList<layers::Upsample2D>> upsamplers_;          // may be null
};

}  // namespace velatura::models
