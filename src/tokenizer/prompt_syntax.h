#pragma once

#include <array>
#include <string_view>

#include "velatura/request.h"

namespace velatura::tokenizer {

struct PromptSyntaxRow {
  std::string_view name;
  PromptSyntax value;
};
inline constexpr std::array<PromptSyntaxRow, 2> kPromptSyntaxes{
    {{"plain", PromptSyntax::plain}, {"webui", PromptSyntax::webui}}};

std::string_view name_of(PromptSyntax syntax);

}  // namespace velatura::tokenizer
