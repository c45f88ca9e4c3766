#pragma once

#include "layers/embedding.h"
#include "layers/linear.h"
#include "layers/module.h"
#include "layers/norm.h"
#include "models/clip/encoder_layer.h"
#include "models/clip_text/config.h"

namespace velatura::models {

/// Which of the hidden states is looked at.
struct ClipHiddenState {
  int left_out = 0;        ///< layers at the end, 0 … num_hidden_layers - 1
  bool final_norm = true;  ///< applied behind those that are left
};

struct ClipTextOutput {
  at::Tensor hidden;  ///< [B, T, hidden_size]
  /// [B, hidden_size], or with a projection [B, projection_dim]: of the last layer after the final norm, at the text's end. That is the first
  /// eos_token_id (the first token where there is none), or with 2, which old configs wrongly say,
  /// the largest id, as transformers' pooler_output.
  at::Tensor pooled;
};

/// CLIP's text tower (Radford et al. 2021): a causal transformer with norms before each part.
/// Names as transformers' CLIPTextModel on the hub, beginning with `text_model.`.
class ClipTextModel : public layers::Module {
 public:
  explicit ClipTextModel(const ClipTextConfig& config);

  /// @param ids      [B, T] int64, T <= max_position_embeddings
  /// @param state    of `hidden`; `pooled` is of all layers
  /// @param learned  [E, hidden_size] vectors for ids from vocab_size on; undefined: there are none
  ClipTextOutput forward(const at::Tensor& ids, ClipHiddenState state = {},
                         const at::Tensor& learned = {}) const;

  const ClipTextConfig& config() const { return config_; }

 protected:
  /// What becomes of the pooled output.
  virtual at::Tensor project(const at::Tensor& pooled) const { return pooled; }

 private:
  at::Tensor token_vectors(const at::Tensor& ids, const at::Tensor& learned) const;

  ClipTextConfig config_;
  std::shared_ptr<layers::Embedding> token_embedding_, position_embedding_;
  std::shared_ptr<ClipEncoder> encoder_;
  std::shared_ptr<layers::LayerNorm> final_layer_norm_;
};

/// The same with CLIP's own last layer behind the pooled output, as transformers'
/// CLIPTextModelWithProjection.
class ClipTextModelWithProjection : public ClipTextModel {
 public:
  explicit ClipTextModelWithProjection(const ClipTextProjectionConfig& config)
      : ClipTextModel(config),
        text_projection_(child<layers::Linear>("text_projection", config.hidden_size,
                                               config.projection_dim, /*bias=*/false)) {}

 protected:
  at::Tensor project(const at::Tensor& pooled) const override {
    return text_projection_->forward(pooled);
  }

 private:
  std::shared_ptr<layers::Linear> text_projection_;
};

}  // namespace velatura::models
