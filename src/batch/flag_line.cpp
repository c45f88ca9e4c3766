#include "batch/flag_line.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "batch/blanks.h"
#include "batch/option_signs.h"
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
    } else if (const std::size_t blank = blank_at(line, i)) {
      in_word = false;
      i += blank - 1;
    } else {
      append(c);
    }
  }
  if (quote != '\0') throw UsageError(std::string("a ") + quote + " without its end");
  return words;
}

bool takes_words(std::string_view name) {
  return name == "prompt" || name == "negative_prompt" || name == "negative-prompt" ||
         name == "prompt_2" || name == "negative_prompt_2";
}

// Where the next " --name" begins, or the end.
std::size_t find_flag(std::string_view text, std::size_t from) {
  for (std::size_t at = from; (at = text.find("--", at)) != text.npos; ++at) {
    if (is_apart(text, at) && at > 0 && at + 2 < text.size() &&
        std::isalpha(static_cast<unsigned char>(text[at + 2])))
      return at;
  }
  return text.size();
}

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  const bool whole = quoted && text.find('"', 1) == text.size() - 1;
  return whole ? text.substr(1, text.size() - 2) : text;
}

// Where the name of a flag ends.
std::size_t end_of_name(std::string_view flag) {
  std::size_t i = 0;
  while (i < flag.size() && flag[i] != '=' && blank_at(flag, i) == 0) ++i;
  return i;
}

// Words that were not between quotes, each with the beginning of the next one, its value.
void check_words(const std::vector<std::string>& words, const KnownOptions& known) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].find(' ') != words[i].npos) continue;
    const std::string next = i + 1 < words.size() ? words[i + 1].substr(0, 1) : "";
    check_option_signs(words[i] + ' ' + next, known);
  }
}

}  // namespace

std::string name_of_letters(std::string_view letters) {
  for (const auto& [short_name, name] : kLetters)
    if (letters == short_name) return std::string(name);
  return std::string(letters);
}

Settings parse_shell_flags(std::string_view line, const KnownOptions& known) {
  Settings settings;
  const std::vector<std::string> words = shell_words(line);
  check_words(words, known);
  for (const std::string& word : words) {
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

Settings parse_prompt_with_flags(std::string_view line, const KnownOptions& known) {
  check_option_signs(line, known);
  std::size_t end = find_flag(line, 0);
  Settings settings{{"prompt", std::string(without_blanks_around(line.substr(0, end)))}};
  while (end < line.size()) {
    const std::size_t begin = end + 2;
    end = find_flag(line, begin);
    const std::string_view flag = without_blanks_around(line.substr(begin, end - begin));
    const std::size_t name_end = end_of_name(flag);
    Setting setting{name_of_letters(flag.substr(0, name_end)), std::nullopt};
    if (name_end < flag.size()) {
      const std::size_t behind = name_end + std::max<std::size_t>(blank_at(flag, name_end), 1);
      setting.value = without_quotes(without_blanks_around(flag.substr(behind)));
    }
    // Empty in files that give every line the same flags.
    if (!setting.value && setting.name == "negative-prompt") setting.value = "";
    settings.push_back(std::move(setting));
  }
  return settings;
}

}  // namespace velatura::batch
