#include "batch/flag_line.h"

#include <array>
#include <cctype>
#include <utility>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kLetters{
    {{"n", "negative-prompt"},
     {"w", "width"},
     {"h", "height"},
     {"d", "seed"},
     {"s", "steps"},
     {"l", "guidance-scale"},
     {"t", "strength"},
     {"i", "image"},
     {"m", "mask"},
     {"ss", "sampler"}}};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Words as a POSIX shell splits them, without expansions.
std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  const auto append = [&](char c) {
    if (!in_word) words.emplace_back();
    in_word = true;
    words.back() += c;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < line.size();
    if (escapes && (quote == '\0' || line[i + 1] == '"' || line[i + 1] == '\\')) {
      append(line[++i]);
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        append(c);
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      if (!in_word) words.emplace_back();  // "" is a word, too
      in_word = true;
    } else if (is_blank(c)) {
      in_word = false;
    } else {
      append(c);
    }
  }
  if (quote != '\0') throw UsageError(std::string("a ") + quote + " without its end");
  return words;
}

bool takes_words(std::string_view name) {
  return name == "prompt" || name == "negative_prompt" || name == "negative-prompt";
}

// Where the next " --name" begins, or the end.
std::size_t find_flag(std::string_view text, std::size_t from) {
  for (std::size_t at = from; (at = text.find("--", at)) != text.npos; ++at) {
    const bool apart = at > 0 && is_blank(text[at - 1]);
    if (apart && at + 2 < text.size() && std::isalpha(static_cast<unsigned char>(text[at + 2])))
      return at;
  }
  return text.size();
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  const bool whole = quoted && text.find('"', 1) == text.size() - 1;
  return whole ? text.substr(1, text.size() - 2) : text;
}

std::string full_name(std::string_view name) {
  for (const auto& [letters, full] : kLetters)
    if (name == letters) return std::string(full);
  return std::string(name);
}

}  // namespace

Settings parse_shell_flags(std::string_view line) {
  Settings settings;
  for (const std::string& word : shell_words(line)) {
    if (word.starts_with("--") && word.size() > 2) {
      const std::size_t equals = word.find('=');
      settings.push_back({word.substr(2, equals - 2), std::nullopt});
      if (equals != word.npos) {
        settings.back().name = word.substr(2, equals - 2);
        settings.back().value = word.substr(equals + 1);
      }
    } else if (settings.empty()) {
      throw UsageError("'" + word + "': expected --name first");
    } else if (!settings.back().value) {
      settings.back().value = word;
    } else if (takes_words(settings.back().name)) {
      *settings.back().value += ' ' + word;
    } else {
      throw UsageError("'" + word + "' after --" + settings.back().name + " " +
                       *settings.back().value + ": expected the next --name");
    }
  }
  return settings;
}

Settings parse_prompt_with_flags(std::string_view line) {
  std::size_t end = find_flag(line, 0);
  Settings settings{{"prompt", std::string(without_blanks(line.substr(0, end)))}};
  while (end < line.size()) {
    const std::size_t begin = end + 2;
    end = find_flag(line, begin);
    const std::string_view flag = without_blanks(line.substr(begin, end - begin));
    const std::size_t name_end = std::min(flag.find_first_of(" \t="), flag.size());
    Setting setting{full_name(flag.substr(0, name_end)), std::nullopt};
    if (name_end < flag.size()) {
      setting.value = without_quotes(without_blanks(flag.substr(name_end + 1)));
    }
    // Empty in files that give every line the same flags.
    if (!setting.value && setting.name == "negative-prompt") setting.value = "";
    settings.push_back(std::move(setting));
  }
  return settings;
}

}  // namespace velatura::batch
