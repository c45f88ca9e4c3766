#pragma once

#include <cstdint>

#include "core/config_object.h"

namespace velatura::models {

/// prior/config.json of a PriorTransformer; defaults are diffusers' own.
struct PriorConfig {
  std::int64_t num_attention_heads = 32;
  std::int64_t attention_head_dim = 64;
  std::int64_t num_layers = 20;
  std::int64_t embedding_dim = 768;  ///< of pictures' and texts' vectors, and of texts' tokens
  std::int64_t num_embeddings = 77;  ///< tokens of a text
  std::int64_t additional_embeddings = 4;  ///< beside them

  std::int64_t width() const { return num_attention_heads * attention_head_dim; }

  /// @throws InputError naming what is missing, inconsistent or not supported
  static PriorConfig read(ConfigObject json);
  bool operator==(const PriorConfig&) const = default;
};

}  // namespace velatura::models
