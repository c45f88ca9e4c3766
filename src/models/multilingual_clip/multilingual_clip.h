#pragma once

#include "layers/embedding.h"
#include "layers/linear.h"
#include "layers/norm.h"
#include "models/multilingual_clip/config.h"

namespace velatura::models {

class XlmRobertaLayer;

struct MultilingualClipOutput {
  at::Tensor hidden;  ///< [B, T, hidden_size] of the last layer, of padding as well
  at::Tensor pooled;  ///< [B, num_dims] of the mean over what is no padding
};

/// XLM-RoBERTa (Conneau et al. 2020) taught to give CLIP's vectors for texts of many languages
/// (Carlsson et al. 2022). Named as diffusers' MultilingualCLIP; the pooler that checkpoints have is not
/// used.
class MultilingualClip : public layers::Module {
 public:
  explicit MultilingualClip(const MultilingualClipConfig& config);
  ~MultilingualClip() override;

  /// @param ids   [B, T] int64, T <= config().max_tokens(), padded with pad_token_id
  /// @param mask  [B, T] bool: false where padding stands, which is not looked at
  MultilingualClipOutput forward(const at::Tensor& ids, const at::Tensor& mask) const;

  const MultilingualClipConfig& config() const { return config_; }

 private:
  MultilingualClipConfig config_;
  std::shared_ptr<layers::Embedding> word_embeddings_, position_embeddings_, token_type_embeddings_;
  std::shared_ptr<layers::LayerNorm> embeddings_norm_;
  std::shared_ptr<layers::ModuleList<XlmRobertaLayer>> layers_;
  std::shared_ptr<layers::Linear> linear_transformation_;
};

}  // namespace velatura::models
