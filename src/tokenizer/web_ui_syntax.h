#pragma once

#include <string>
#include <string_view>

namespace velatura::tokenizer {

/// The first stretch of a prompt that only a web UI's syntax would read as more than text:
/// "(x:1.3)", "<lora:x:1>", "BREAK". Empty if there is none.
std::string web_ui_syntax_in(std::string_view prompt);

}  // namespace velatura::tokenizer
