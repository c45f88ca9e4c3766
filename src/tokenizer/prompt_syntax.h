#pragma once

#include <optional>
#include <string_view>

#include "velatura/request.h"

namespace velatura::tokenizer {

/// "plain", "webui"
std::string_view name_of(PromptSyntax syntax);
std::optional<PromptSyntax> prompt_syntax_named(std::string_view name);

}  // namespace velatura::tokenizer
