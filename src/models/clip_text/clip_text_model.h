#pragma once

#include "layers/embedding.h"
#include "layers/module.h"
#include "layers/norm.h"
#include "models/clip/encoder_layer.h"
#include "models/clip_text/config.h"

namespace velatura::models {

struct ClipTextOutput {
  at::Tensor hidden;  ///< [B, T, hidden_size], after the final norm
  /// [B, hidden_size]: of the last layer after the final norm, at the text's end. That is the first
  /// eos_token_id (the first token where there is none), or with 2, which old configs wrongly say,
  /// the largest id, as transformers' pooler_output.
  at::Tensor pooled;
};

/// CLIP's text tower (Radford et al. 2021): a causal transformer with norms before each part.
/// Names as transformers' CLIPTextModel on the hub, beginning with `text_model.`.
class ClipTextModel : public layers::Module {
 public:
  explicit ClipTextModel(const ClipTextConfig& config);

  /// @param ids        [B, T] int64, T <= max_position_embeddings
  /// @param clip_skip  how many layers to leave out at the end, 0 … num_hidden_layers - 1; the
  ///                   final norm is applied all the same (as diffusers' clip_skip); `pooled`
  ///                   is of all layers
  /// @param learned    [E, hidden_size] vectors for ids from vocab_size on; undefined: there are none
  ClipTextOutput forward(const at::Tensor& ids, int clip_skip = 0,
                         const at::Tensor& learned = {}) const;

  const ClipTextConfig& config() const { return config_; }

 private:
  at::Tensor token_vectors(const at::Tensor& ids, const at::Tensor& learned) const;

  ClipTextConfig config_;
  std::shared_ptr<layers::Embedding> token_embedding_, position_embedding_;
  std::shared_ptr<ClipEncoder> encoder_;
  std::shared_ptr<layers::LayerNorm> final_layer_norm_;
};

}  // namespace velatura::models
