#include "models/clip/layer_config.h"

#include <string>
#include <utility>

namespace velatura::models {

void ClipLayerConfig::read(ConfigObject& json) {
  hidden_size = json.get("hidden_size", hidden_size);
  intermediate_size = json.get("intermediate_size", intermediate_size);
  num_hidden_layers = json.get("num_hidden_layers", num_hidden_layers);
  num_attention_heads = json.get("num_attention_heads", num_attention_heads);
  layer_norm_eps = json.get("layer_norm_eps", layer_norm_eps);
  const auto activation = json.get<std::string>("hidden_act", "quick_gelu");
  if (activation == "gelu") {
    hidden_act = ClipActivation::gelu;
  } else if (activation != "quick_gelu") {
    json.reject("hidden_act", "\"quick_gelu\" or \"gelu\"");
  }
  for (const auto& [key, value] : {std::pair{"hidden_size", hidden_size},
                                   {"intermediate_size", intermediate_size},
                                   {"num_hidden_layers", num_hidden_layers},
                                   {"num_attention_heads", num_attention_heads}}) {
    if (value < 1) json.reject(key, "a positive number");
  }
  if (hidden_size % num_attention_heads != 0) {
    json.reject("hidden_size", "a multiple of num_attention_heads");
  }
}

void ignore_clip_keys(ConfigObject& json) {
  json.ignore({"attention_dropout",
               "dropout",
               "initializer_factor",
               "initializer_range",
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
}

}  // namespace velatura::models
