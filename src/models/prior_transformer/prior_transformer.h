#pragma once

#include "layers/linear.h"
#include "layers/norm.h"
#include "layers/timestep_embedding.h"
#include "models/prior_transformer/config.h"

namespace velatura::models {

class PriorBlock;

/// Denoises the vector that CLIP's picture tower would make of a picture of a text (Ramesh et al. 2022,
/// §2.2): a causal transformer over the text's tokens, its vector, the time, the noisy vector, and a
/// learnt token that becomes the answer. Named as diffusers' PriorTransformer.
class PriorTransformer : public layers::Module {
 public:
  explicit PriorTransformer(const PriorConfig& config);
  ~PriorTransformer() override;

  /// What a text is to it.
  struct Text {
    at::Tensor
        hidden;  ///< [B, num_embeddings, embedding_dim] CLIP's last hidden state, after its norm
    at::Tensor pooled;  ///< [B, embedding_dim] text_embeds
    at::Tensor mask;    ///< [B, num_embeddings] bool: true where the text has a token, false where
                        ///< padding stands
  };
  /// @param sample     [B, embedding_dim] noisy vectors, as the scheduler has them
  /// @param timesteps  [B] float32
  /// @return           [B, embedding_dim] what prediction_type "sample" calls the sample
  at::Tensor forward(const at::Tensor& sample, const at::Tensor& timesteps, const Text& text) const;

  /// What the loop ends with, as CLIP's picture tower has it: scaled and moved by clip_std and clip_mean.
  /// @param sample [B, embedding_dim] float32 @return float32
  at::Tensor denormalised(const at::Tensor& sample) const;

  const PriorConfig& config() const { return config_; }

 private:
  PriorConfig config_;
  std::shared_ptr<layers::TimestepEmbedding> time_embedding_;
  std::shared_ptr<layers::Linear> proj_in_, embedding_proj_, encoder_hidden_states_proj_;
  at::Tensor positional_embedding_;  // [1, num_embeddings + 4, width]
  at::Tensor prd_embedding_;         // [1, 1, width]
  std::shared_ptr<layers::ModuleList<PriorBlock>> transformer_blocks_;
  std::shared_ptr<layers::LayerNorm> norm_out_;
  std::shared_ptr<layers::Linear> proj_to_clip_embeddings_;
  at::Tensor clip_mean_, clip_std_;  // [1, embedding_dim]
};

}  // namespace velatura::models
