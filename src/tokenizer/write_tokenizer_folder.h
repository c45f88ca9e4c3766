#pragma once

#include <filesystem>

#include "tokenizer/clip_vocabulary.h"

namespace velatura::tokenizer {

/// Writes a vocabulary as transformers' CLIPTokenizer saves it: vocab.json, merges.txt,
/// special_tokens_map.json and tokenizer_config.json. read_tokenizer_folder() reads it back.
/// @throws OutputError
void write_tokenizer_folder(const std::filesystem::path& folder, const ClipVocabulary& vocabulary);

}  // namespace velatura::tokenizer
