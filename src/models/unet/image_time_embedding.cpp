#include "models/unet/image_time_embedding.h"

#include <ATen/ATen.h>

#include <array>

namespace velatura::models {

using layers::Conv2d;
using layers::LayerNorm;
using layers::Linear;

namespace {

struct HintLayer {
  std::int64_t in, out, stride;
};

// SiLU stands between them; a stride of 2 three times makes kHintFactor.
constexpr auto kHintLayers = std::to_array<HintLayer>({{3, 16, 1},
                                                       {16, 16, 1},
                                                       {16, 32, 2},
                                                       {32, 32, 1},
                                                       {32, 96, 2},
                                                       {96, 96, 1},
                                                       {96, 256, 2},
                                                       {256, kHintChannels, 1}});

// The names are those of a sequence whose odd members are SiLU.
struct UNetHintBlock : layers::Module {
  UNetHintBlock() {
    for (const auto& [in, out, stride] : kHintLayers)
      convolutions.push_back(
          child<Conv2d>(std::to_string(2 * convolutions.size()), in, out, 3, stride, 1));
  }
  std::vector<std::shared_ptr<Conv2d>> convolutions;
};

}  // namespace

ImageTimeEmbedding::ImageTimeEmbedding(const UNetConfig& c) {
  const bool of_text = c.addition_embed_type == AdditionEmbedding::text_image;
  if (of_text) {
    text_proj_ = child<Linear>("text_proj", c.image_embed_dim(), c.time_embedding_dim);
    text_norm_ = child<LayerNorm>("text_norm", c.time_embedding_dim);
  }
  image_proj_ = child<Linear>("image_proj", c.image_embed_dim(), c.time_embedding_dim);
  if (!of_text) image_norm_ = child<LayerNorm>("image_norm", c.time_embedding_dim);
  if (c.addition_embed_type == AdditionEmbedding::image_hint)
    hint_block_ = child<UNetHintBlock>("input_hint_block")->convolutions;
}

at::Tensor ImageTimeEmbedding::forward(const at::Tensor& text, const at::Tensor& image) const {
  const at::Tensor seen = image_proj_->forward(image);
  if (image_norm_) return image_norm_->forward(seen);
  return seen + text_norm_->forward(text_proj_->forward(text));
}

at::Tensor ImageTimeEmbedding::forward_hint(const at::Tensor& hint) const {
  at::Tensor x = hint.contiguous(at::MemoryFormat::ChannelsLast);
  for (const auto& convolution : hint_block_) {
    if (convolution != hint_block_.front()) at::silu_(x);
    x = convolution->forward(x);
  }
  return x;
}

}  // namespace velatura::models
