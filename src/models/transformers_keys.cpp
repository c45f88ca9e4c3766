#include "models/transformers_keys.h"

namespace velatura::models {

void ignore_transformers_keys(ConfigObject& json) {
  json.ignore({"architectures", "dtype", "torch_dtype", "transformers_version", "torchscript",
               "use_bfloat16", "tf_legacy_loss", "attn_implementation", "chunk_size_feed_forward",
               "pruned_heads", "problem_type", "num_labels", "id2label", "label2id"});
  json.ignore({"return_dict", "return_dict_in_generate", "output_hidden_states",
               "output_attentions", "output_scores"});
  json.ignore({"is_encoder_decoder",
               "is_decoder",
               "add_cross_attention",
               "tie_encoder_decoder",
               "tie_word_embeddings",
               "do_sample",
               "early_stopping",
               "num_beams",
               "num_beam_groups",
               "num_return_sequences",
               "max_length",
               "min_length",
               "temperature",
               "top_k",
               "top_p",
               "typical_p",
               "diversity_penalty",
               "repetition_penalty",
               "length_penalty",
               "no_repeat_ngram_size",
               "encoder_no_repeat_ngram_size",
               "remove_invalid_values"});
}

}  // namespace velatura::models
