#include "tokenizer/prompt_syntax.h"

#include <algorithm>

namespace velatura::tokenizer {

std::string_view name_of(PromptSyntax syntax) {
  return std::ranges::find(kPromptSyntaxes, syntax, &PromptSyntaxRow::value)->name;
}

}  // namespace velatura::tokenizer
