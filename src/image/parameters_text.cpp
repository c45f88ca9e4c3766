#include "image/parameters_text.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "core/text.h"

namespace velatura {
namespace {

constexpr std::string_view kNegativePrompt = "Negative prompt:";
constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::size_t kFewestFields = 3;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string quoted(const std::string& value) {
  if (value.find_first_of(",:\n") == value.npos && !value.starts_with('"')) return value;
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string unquoted(std::string_view value) {
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    const auto parsed = nlohmann::json::parse(value, nullptr, false);
    if (parsed.is_string()) return parsed.get<std::string>();
  }
  return std::string(value);
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

// All matches of `(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)`, each as far left as can be.
std::vector<std::pair<std::string, std::string>> parse_fields(std::string_view line) {
  std::vector<std::pair<std::string, std::string>> fields;
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

}  // namespace

std::optional<std::string> ParametersText::find(std::string_view key) const {
  const auto found = std::ranges::find(fields, key, &std::pair<std::string, std::string>::first);
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

std::string format_parameters(const ParametersText& text) {
  std::string block = text.prompt;
  if (!text.negative_prompt.empty()) {
    block.append("\n").append(kNegativePrompt).append(" ").append(text.negative_prompt);
  }
  std::string_view separator = "\n";
  for (const auto& [key, value] : text.fields) {
    block.append(separator).append(key).append(": ").append(quoted(value));
    separator = ", ";
  }
  return block;
}

ParametersText parse_parameters(std::string_view block) {
  ParametersText text;
  block = trimmed(block);
  const std::size_t last = block.rfind('\n');
  text.fields = parse_fields(block.substr(last == block.npos ? 0 : last + 1));
  if (text.fields.size() < kFewestFields) {
    text.fields.clear();
  } else {
    block = block.substr(0, last == block.npos ? 0 : last);
  }

  std::string* part = &text.prompt;
  while (!block.empty()) {
    const std::size_t end = block.find('\n');
    std::string_view line = trimmed(block.substr(0, end));
    block.remove_prefix(end == block.npos ? block.size() : end + 1);
    if (line.starts_with(kNegativePrompt)) {
      part = &text.negative_prompt;
      line = trimmed(line.substr(kNegativePrompt.size()));
    }
    if (!part->empty()) *part += '\n';
    *part += line;
  }
  return text;
}

ParametersText parameters_text(const RunParameters& run) {
  ParametersText text{run.prompt, run.negative_prompt, {}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) text.fields.emplace_back(key, value);
  };
  add("Steps", std::to_string(run.steps));
  add("Sampler", run.sampler);
  add("Schedule type", run.schedule_type);
  add("CFG scale", number_text(run.cfg_scale));
  add("Seed", std::to_string(run.seed));
  add("Size", std::to_string(run.width) + "x" + std::to_string(run.height));
  add("Model hash", run.model_hash);
  add("Model", run.model);
  if (run.clip_skip > 0) add("Clip skip", std::to_string(run.clip_skip + 1));
  text.fields.insert(text.fields.end(), run.further.begin(), run.further.end());
  add("Version", run.version);
  return text;
}

}  // namespace velatura
