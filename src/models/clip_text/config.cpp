#include "models/clip_text/config.h"

namespace velatura::models {

ClipTextConfig ClipTextConfig::read(ConfigObject json) {
  ClipTextConfig c;
  static_cast<ClipLayerConfig&>(c).read(json);
  c.vocab_size = json.get("vocab_size", c.vocab_size);
  c.max_position_embeddings = json.get("max_position_embeddings", c.max_position_embeddings);
  c.eos_token_id = json.get("eos_token_id", c.eos_token_id);
  for (const auto& [key, value] : {std::pair{"vocab_size", c.vocab_size},
                                   {"max_position_embeddings", c.max_position_embeddings}}) {
    if (value < 1) json.reject(key, "a positive number");
  }
  // The projection of CLIP's own training has no part in the hidden states.
  json.only("model_type", "clip_text_model");
  json.ignore({"projection_dim"});
  ignore_clip_keys(json);
  json.finish();
  return c;
}

ClipTextProjectionConfig ClipTextProjectionConfig::read(ConfigObject json) {
  ClipTextProjectionConfig c;
  static_cast<ClipTextConfig&>(c) = ClipTextConfig::read(json);
  c.projection_dim = json.get("projection_dim", c.projection_dim);
  if (c.projection_dim < 1) json.reject("projection_dim", "a positive number");
  return c;
}

}  // namespace velatura::models
