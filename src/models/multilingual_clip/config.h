#pragma once

#include <cstdint>

#include "core/config_object.h"

namespace velatura::models {

/// text_encoder/config.json of a MultilingualCLIP: an XLM-RoBERTa's, with the two widths of the layer
/// behind it. Defaults are transformers' and diffusers' own.
struct MultilingualClipConfig {
  std::int64_t vocab_size = 30522;
  std::int64_t hidden_size = 768;
  std::int64_t num_hidden_layers = 12;
  std::int64_t num_attention_heads = 12;
  std::int64_t intermediate_size = 3072;
  std::int64_t max_position_embeddings = 512;  ///< rows; of texts at most max_tokens()
  std::int64_t type_vocab_size = 2;
  std::int64_t pad_token_id = 1;
  double layer_norm_eps = 1e-12;
  std::int64_t num_dims = 768;  ///< config key numDims: of the pooled output

  /// Positions begin behind the padding's.
  std::int64_t max_tokens() const { return max_position_embeddings - pad_token_id - 1; }

  /// @throws InputError naming what is missing, of the wrong type or not supported
  static MultilingualClipConfig read(ConfigObject json);
  bool operator==(const MultilingualClipConfig&) const = default;
};

}  // namespace velatura::models
