#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace velatura::tokenizer {

/// A stretch of a prompt and how much it counts.
struct WeightedText {
  std::string text;
  double weight = 1.0;

  bool operator==(const WeightedText&) const = default;
};

/// What stands between two BREAKs; neighbours differ in weight.
using PromptSection = std::vector<WeightedText>;

/// Reads a prompt in the syntax of stable-diffusion-webui: (x) counts 1.1 times as much, [x] that
/// much less, (x:1.3) 1.3 times; brackets within brackets multiply, those left open reach to the
/// end, those never opened are text; a backslash makes the next character text; the word BREAK
/// ends a section.
/// @throws InputError if the prompt is not UTF-8
/// @throws UsageError for a weight that is no number or beyond 1000, and for syntax of web UIs that
///         is not supported: scheduling, alternation, AND, extra networks, wildcards
std::vector<PromptSection> parse_weighted_prompt(std::string_view prompt);

}  // namespace velatura::tokenizer
