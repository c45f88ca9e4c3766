#include "families/model_parts.h"

#include <string>

#include "core/data_files.h"
#include "models/unet/config.h"
#include "velatura/error.h"

namespace velatura::families {

tokenizer::ClipTokenizer load_tokenizer(const weights::TokenizerFiles& files) {
  if (!files.folder.empty()) return tokenizer::ClipTokenizer::from_folder(files.folder);
  return tokenizer::ClipTokenizer::from_clip_vocabulary(
      find_data_file("clip_vocabulary/bpe_simple_vocab_16e6.txt.gz"), files.pad_token);
}

samplers::ModelScheduler scheduler_of(const ConfigObject& config) {
  return {config.where(), config.json()};
}

void check_tokenizer(const weights::Part& text_encoder, const models::ClipTextConfig& config,
                     const tokenizer::ClipTokenizer& tokenizer) {
  if (tokenizer.vocab_size() <= static_cast<std::size_t>(config.vocab_size)) return;
  throw InputError(text_encoder.config.where() + ": vocab_size is " +
                   std::to_string(config.vocab_size) + ", but the tokenizer has " +
                   std::to_string(tokenizer.vocab_size()) + " tokens");
}

void check_imagines_nothing(const weights::Part& unet) {
  if (models::UNetConfig::read(unet.config).image_embed_dim() == 0) return;
  throw InputError(unet.config.where() +
                   ": addition_embed_type is of a UNet for Kandinsky's pipelines, which draws what "
                   "a prior imagines");
}

}  // namespace velatura::families
