#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include "recipe/fill.h"
#include "recipe/programs.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

// Switches of the command line by the names that they got in InvokeAI 2.
constexpr std::array<std::pair<char, std::string_view>, 8> kSwitches{{{'s', "steps"},
                                                                      {'S', "seed"},
                                                                      {'W', "width"},
                                                                      {'H', "height"},
                                                                      {'C', "cfg_scale"},
                                                                      {'A', "sampler"},
                                                                      {'m', "sampler"},
                                                                      {'f', "strength"}}};

bool is_switch(std::string_view text) {
  const std::size_t letter = text.starts_with("--") ? 2 : 1;
  return text.starts_with('-') && text.size() > letter &&
         std::isalpha(static_cast<unsigned char>(text[letter])) != 0;
}

std::string_view cut_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

// The prompt, in quotes or up to the first switch; `line` is what follows.
std::string cut_prompt(std::string_view& line) {
  if (const std::size_t end = line.rfind('"'); line.starts_with('"') && end != 0) {
    const std::string prompt(line.substr(1, end - 1));
    line.remove_prefix(end + 1);
    return prompt;
  }
  std::size_t end = line.find(" -");
  while (end != line.npos && !is_switch(line.substr(end + 1))) end = line.find(" -", end + 1);
  const std::string prompt(line.substr(0, end));
  line.remove_prefix(std::min(end, line.size()));
  return prompt;
}

}  // namespace

// `"PROMPT" -s50 -S 42 -W512 -H512 -C7.5 -Ak_lms`, read as what InvokeAI 2 makes of it.
Recipe from_dream(const std::string& text) {
  std::string_view line = text;
  Json image{{"prompt", cut_prompt(line)}};
  for (std::string_view word = cut_word(line); !word.empty(); word = cut_word(line)) {
    if (!is_switch(word)) throw InputError("Dream: '" + std::string(word) + "' is no switch");
    std::string value(word.substr(2));
    if (value.empty() || word.starts_with("--")) {
      std::string_view rest = line;
      if (const auto next = cut_word(rest); !next.empty() && !is_switch(next)) {
        value = next;
        line = rest;
      }
    }
    const bool is_long = word.starts_with("--");
    std::string_view key = is_long ? word : word.substr(0, 2);
    for (const auto& [letter, name] : kSwitches) {
      if (!is_long && word[1] == letter) key = name;
    }
    image[std::string(key)] = value.empty() ? Json(true) : number_or_text(value);
  }
  if (image.size() < 2) throw InputError("Dream: no settings in it");
  image["type"] = image.contains("-I") ? "img2img" : "txt2img";
  return from_invokeai_2(Json{{"app_version", "1"}, {"image", image}}.dump());
}

}  // namespace velatura::recipe
