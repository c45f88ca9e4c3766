#include "tokenizer/prompt_syntax.h"

#include <algorithm>
#include <array>
#include <utility>

namespace velatura::tokenizer {
namespace {

constexpr std::array<std::pair<PromptSyntax, std::string_view>, 2> kNames = {
    {{PromptSyntax::plain, "plain"}, {PromptSyntax::webui, "webui"}}};

}  // namespace

std::string_view name_of(PromptSyntax syntax) {
  return std::ranges::find(kNames, syntax, &decltype(kNames)::value_type::first)->second;
}

std::optional<PromptSyntax> prompt_syntax_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &decltype(kNames)::value_type::second);
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace velatura::tokenizer
