#include "models/prior_transformer/config.h"

#include <string>
#include <string_view>
#include <utility>

namespace velatura::models {
namespace {

constexpr std::int64_t kLargestNumber = 1'000'000;

// A kind of layer, which null would leave out.
void only_kind(ConfigObject& json, const std::string& key, const std::string& kind) {
  if (json.json().contains(key) && json.json().at(key).is_null())
    throw InputError(json.where() + ": " + key + " is null, expected \"" + kind +
                     "\" (not supported yet)");
  json.only(key, kind);
}

}  // namespace

PriorConfig PriorConfig::read(ConfigObject json) {
  PriorConfig c;
  json.only("_class_name", "PriorTransformer");
  for (const auto& [key, value] : {std::pair{"num_attention_heads", &c.num_attention_heads},
                                   {"attention_head_dim", &c.attention_head_dim},
                                   {"num_layers", &c.num_layers},
                                   {"embedding_dim", &c.embedding_dim},
                                   {"num_embeddings", &c.num_embeddings},
                                   {"additional_embeddings", &c.additional_embeddings}}) {
    *value = json.get(key, *value);
    if (*value < 1 || *value > kLargestNumber)
      json.reject(key, "1 to " + std::to_string(kLargestNumber));
  }
  if (c.width() % 2 != 0) json.reject("attention_head_dim", "an even width of all heads together");
  json.only("additional_embeddings", 4);  // text, time, picture, and what is to become of it
  json.only("time_embed_act_fn", "silu");
  json.only("norm_in_type", nullptr);
  json.only("embedding_proj_norm_type", nullptr);
  only_kind(json, "encoder_hid_proj_type", "linear");
  only_kind(json, "added_emb_type", "prd");
  for (const char* key : {"time_embed_dim", "embedding_proj_dim", "clip_embed_dim"}) {
    const std::int64_t natural =
        std::string_view(key) == "time_embed_dim" ? c.width() : c.embedding_dim;
    if (json.get<std::int64_t>(key, natural) != natural)
      json.reject(key, std::to_string(natural) + " (not supported yet)");
  }
  json.ignore({"dropout"});
  json.finish();
  return c;
}

}  // namespace velatura::models
