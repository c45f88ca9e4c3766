#include "image/settings_lines.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <optional>

namespace velatura {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::size_t kFewestFields = 3;
constexpr std::size_t kLongestKey = 40;  // of a line of its own

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string unquoted(std::string_view value) {
  if (value.size() < 2 || !value.starts_with('"') || !value.ends_with('"')) {
    return std::string(value);
  }
  std::string json;
  for (const char c : value) {
    if (c == '\n' || c == '\r' || c == '\t') {
      json += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else {
      json += c;
    }
  }
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  return parsed.is_string() ? parsed.get<std::string>() : std::string(value);
}

// Letters of other scripts count as word characters.
bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) || c == '_';
}
bool is_key(char c) {
  return is_word(c) || c == ' ' || c == '-' || c == '/';
}

// The end of a quoted value that starts at `i`, if a comma or the end of the line follows it.
std::optional<std::size_t> end_of_quoted(std::string_view line, std::size_t i) {
  if (i >= line.size() || line[i] != '"') return std::nullopt;
  std::size_t end = i + 1;
  while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
  if (end >= line.size() || end == i + 1) return std::nullopt;
  ++end;
  if (end < line.size() && line[end] != ',') return std::nullopt;
  return end;
}

// Of the key with which a line begins; nothing if it does not.
std::optional<std::size_t> end_of_key(std::string_view line) {
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(line, is_key) - line.begin());
  const bool is_one =
      end >= 2 && end <= kLongestKey && end < line.size() && line[end] == ':' && is_word(line[0]);
  return is_one ? std::optional(end) : std::nullopt;
}

// "Steps: 20"
bool is_of_steps(std::string_view line) {
  constexpr std::string_view kSteps = "Steps:";
  if (!line.starts_with(kSteps)) return false;
  line = trimmed(line.substr(kSteps.size()));
  return !line.empty() && std::isdigit(static_cast<unsigned char>(line[0])) != 0;
}

// Whether a quoted value goes on in the next line.
bool is_open(std::string_view line) {
  bool open = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      open = !open;
    }
  }
  return open && line.find(": \"") != line.npos;
}

// Whether fields follow behind the rest of a value.
bool ends_a_value(std::string_view line) {
  const std::size_t comma = line.find(',');
  return comma != line.npos && !parse_fields(line.substr(comma)).empty();
}

/// Lines of settings, from the first on.
class Reading {
 public:
  void add(std::string_view line) {
    const auto key = end_of_key(line);
    if (is_open(line_) || line_.ends_with(',')) {
      line_.append("\n").append(line);
    } else if ((line_.empty() && fields_.empty()) ||
               (key && parse_fields(line).size() >= kFewestFields)) {
      flush();
      line_ = line;
    } else if (key) {
      flush();
      fields_.emplace_back(line.substr(0, *key), trimmed(line.substr(*key + 1)));
      has_own_line_ = true;
    } else if (has_own_line_) {
      auto& value = fields_.back().second;
      value.append(value.empty() ? "" : "\n").append(line);
    } else if (ends_a_value(line)) {
      line_.append("\n").append(line);
    } else if (!line.empty()) {
      flush();
      fields_.emplace_back(kLooseText, line);
      has_own_line_ = true;
    }
  }

  TextFields fields() {
    flush();
    return std::move(fields_);
  }

 private:
  void flush() {
    if (has_own_line_) fields_.back().second = unquoted(fields_.back().second);
    for (auto& field : parse_fields(line_)) fields_.push_back(std::move(field));
    line_.clear();
    has_own_line_ = false;
  }

  std::string line_;  // what is read comma by comma
  TextFields fields_;
  bool has_own_line_ = false;  // the last field
};

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  for (;;) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == text.npos) return lines;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

// All matches of `(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)`, each as far left as can be.
TextFields parse_fields(std::string_view line) {
  TextFields fields;
  for (std::size_t i = 0; i < line.size();) {
    if (!is_word(line[i])) {
      ++i;
      continue;
    }
    std::size_t key_end = i;
    while (key_end < line.size() && is_key(line[key_end])) ++key_end;
    if (key_end == line.size() || line[key_end] != ':' || key_end - i < 2) {
      i = key_end;  // no key starts inside this stretch
      continue;
    }
    const std::size_t value = std::min(line.find_first_not_of(kBlanks, key_end + 1), line.size());
    const std::size_t end =
        end_of_quoted(line, value).value_or(std::min(line.find(',', value), line.size()));
    fields.emplace_back(line.substr(i, key_end - i), unquoted(line.substr(value, end - value)));
    i = end + 1;
  }
  return fields;
}

SettingsBlock cut_settings(std::string_view block) {
  const auto lines = lines_of(block);
  const auto head_before = [&](std::size_t line) {
    return line == 0
               ? std::string_view()
               : block.substr(0, static_cast<std::size_t>(lines[line].data() - block.data()) - 1);
  };
  const std::size_t last = lines.size() - 1;
  TextFields fields = parse_fields(trimmed(lines[last]));
  const bool is_whole =
      std::ranges::find(fields, "Steps", &TextFields::value_type::first) != fields.end();
  if (fields.size() >= kFewestFields && is_whole) return {head_before(last), std::move(fields)};
  for (std::size_t first = last; first-- > 0;) {
    if (!is_of_steps(trimmed(lines[first]))) continue;
    Reading reading;
    for (std::size_t i = first; i <= last; ++i) reading.add(trimmed(lines[i]));
    TextFields found = reading.fields();
    if (found.size() >= kFewestFields) return {head_before(first), std::move(found)};
    break;
  }
  if (fields.size() >= kFewestFields) return {head_before(last), std::move(fields)};
  return {block, {}};
}

}  // namespace velatura
