#pragma once

#include "layers/conv2d.h"
#include "layers/norm.h"
#include "models/dpt/bit_backbone.h"
#include "models/dpt/config.h"

namespace velatura::models {

class DptEmbeddings;
class DptViTLayer;

/// The encoder: a vision transformer (Dosovitskiy et al. 2021) over the picture's patches, or over
/// the last map of a hybrid's convolutional backbone; a token for each place and one in front for the
/// whole picture.
/// Names as transformers' DPTModel without pooler.
class DptModel : public layers::Module {
 public:
  explicit DptModel(const DptConfig& config);
  ~DptModel() override;

  struct Features {
    /// Of a hybrid: [B, C, H / 4, W / 4] and [B, C', H / 8, W / 8].
    std::vector<at::Tensor> maps = {};
    std::vector<at::Tensor> tokens = {};  ///< [B, 1 + height * width, hidden_size] of each tap
    std::int64_t height = 0, width = 0;   ///< H / 16, W / 16
  };
  /// @param pixel_values [B, 3, H, W]; H and W multiples of patch_size
  Features forward(const at::Tensor& pixel_values) const;

 private:
  std::vector<std::int64_t> taps_;
  std::shared_ptr<DptEmbeddings> embeddings_;
  std::shared_ptr<layers::ModuleList<DptViTLayer>> layers_;
};

}  // namespace velatura::models
