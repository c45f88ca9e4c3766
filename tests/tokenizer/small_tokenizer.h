#pragma once

#include "tokenizer/clip_tokenizer.h"

namespace velatura::tokenizer {

/// One of few merges.
inline const ClipTokenizer& tokenizer() {
  static const auto small = ClipTokenizer::from_folder(VELATURA_FIXTURES "/tokenizer/small");
  return small;
}

}  // namespace velatura::tokenizer
