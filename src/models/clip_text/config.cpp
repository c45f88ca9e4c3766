#include "models/clip_text/config.h"

namespace velatura::models {

ClipTextConfig ClipTextConfig::read(ConfigObject json) {
  ClipTextConfig c;
  c.vocab_size = json.get("vocab_size", c.vocab_size);
  c.hidden_size = json.get("hidden_size", c.hidden_size);
  c.intermediate_size = json.get("intermediate_size", c.intermediate_size);
  c.num_hidden_layers = json.get("num_hidden_layers", c.num_hidden_layers);
  c.num_attention_heads = json.get("num_attention_heads", c.num_attention_heads);
  c.max_position_embeddings = json.get("max_position_embeddings", c.max_position_embeddings);
  c.eos_token_id = json.get("eos_token_id", c.eos_token_id);
  c.layer_norm_eps = json.get("layer_norm_eps", c.layer_norm_eps);
  const auto activation = json.get<std::string>("hidden_act", "quick_gelu");
  if (activation == "gelu") {
    c.hidden_act = ClipActivation::gelu;
  } else if (activation != "quick_gelu") {
    json.reject("hidden_act", "\"quick_gelu\" or \"gelu\"");
  }
  for (const auto& [key, value] : {std::pair{"vocab_size", c.vocab_size},
                                   {"hidden_size", c.hidden_size},
                                   {"intermediate_size", c.intermediate_size},
                                   {"num_hidden_layers", c.num_hidden_layers},
                                   {"num_attention_heads", c.num_attention_heads},
                                   {"max_position_embeddings", c.max_position_embeddings}}) {
    if (value < 1) json.reject(key, "a positive number");
  }
  if (c.hidden_size % c.num_attention_heads != 0) {
    json.reject("hidden_size", "a multiple of num_attention_heads");
  }
  // Dropout, initialisation, the projection of CLIP's own training and what transformers writes
  // about itself have no part in the hidden states.
  json.only("model_type", "clip_text_model");
  json.ignore({"attention_dropout",
               "dropout",
               "initializer_factor",
               "initializer_range",
               "projection_dim",
               "bos_token_id",
               "pad_token_id",
               "architectures",
               "dtype",
               "torch_dtype",
               "transformers_version",
               "output_hidden_states",
               "output_attentions",
               "return_dict",
               "chunk_size_feed_forward",
               "is_encoder_decoder",
               "id2label",
               "label2id",
               "use_cache",
               "gradient_checkpointing",
               "attn_implementation"});
  json.finish();
  return c;
}

}  // namespace velatura::models
