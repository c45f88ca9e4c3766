#pragma once

#include "layers/conv2d.h"
#include "layers/norm.h"
#include "models/dpt/bit_backbone.h"
#include "models/dpt/config.h"

namespace velatura::models {

class DptViTHybridEmbeddings;
class DptViTLayer;

/// The hybrid encoder: a vision transformer (Dosovitskiy et al. 2021) over the last map of a
/// convolutional backbone, a token for each of its places and one in front for the whole picture.
/// Names as transformers' DPTModel without pooler.
class DptModel : public layers::Module {
 public:
  explicit DptModel(const DptConfig& config);
  ~DptModel() override;

  struct Features {
    std::array<at::Tensor, 2> maps;    ///< [B, C, H / 4, W / 4] and [B, C', H / 8, W / 8]
    std::array<at::Tensor, 2> tokens;  ///< [B, 1 + H / 16 * W / 16, hidden_size] of the taps
  };
  /// @param pixel_values [B, 3, H, W]; H and W multiples of patch_size
  Features forward(const at::Tensor& pixel_values) const;

 private:
  std::array<std::int64_t, 2> taps_;
  std::shared_ptr<DptViTHybridEmbeddings> embeddings_;
  std::shared_ptr<layers::ModuleList<DptViTLayer>> layers_;
};

}  // namespace velatura::models
