#include "models/multilingual_clip/config.h"

#include <string>
#include <utility>

#include "models/transformers_keys.h"

namespace velatura::models {

MultilingualClipConfig MultilingualClipConfig::read(ConfigObject json) {
  MultilingualClipConfig c;
  const auto type = json.get<std::string>("model_type", "M-CLIP");
  if (type != "M-CLIP" && type != "xlm-roberta")
    json.reject("model_type", "\"M-CLIP\" or \"xlm-roberta\"");
  for (const auto& [key, value] : {std::pair{"vocab_size", &c.vocab_size},
                                   {"hidden_size", &c.hidden_size},
                                   {"num_hidden_layers", &c.num_hidden_layers},
                                   {"num_attention_heads", &c.num_attention_heads},
                                   {"intermediate_size", &c.intermediate_size},
                                   {"max_position_embeddings", &c.max_position_embeddings},
                                   {"type_vocab_size", &c.type_vocab_size},
                                   {"numDims", &c.num_dims}}) {
    *value = json.get(key, *value);
    if (*value < 1) json.reject(key, "a positive number");
  }
  c.layer_norm_eps = json.get("layer_norm_eps", c.layer_norm_eps);
  c.pad_token_id = json.get("pad_token_id", c.pad_token_id);
  if (c.hidden_size % c.num_attention_heads != 0)
    json.reject("hidden_size", "a multiple of num_attention_heads");
  if (c.pad_token_id < 0 || c.pad_token_id >= c.vocab_size)
    json.reject("pad_token_id", "an id of the vocabulary");
  if (c.max_tokens() < 2)
    json.reject("max_position_embeddings", "more than pad_token_id and 2 tokens");
  if (json.get<std::int64_t>("transformerDimensions", c.hidden_size) != c.hidden_size)
    json.reject("transformerDimensions", "hidden_size, " + std::to_string(c.hidden_size));
  json.only("hidden_act", "gelu");
  json.only("position_embedding_type", "absolute");
  // Training's, and what generates text.
  json.ignore({"attention_probs_dropout_prob", "hidden_dropout_prob", "classifier_dropout",
               "initializer_range", "bos_token_id", "eos_token_id", "use_cache", "output_past",
               "gradient_checkpointing", "modelBase"});
  ignore_transformers_keys(json);
  json.finish();
  return c;
}

}  // namespace velatura::models
