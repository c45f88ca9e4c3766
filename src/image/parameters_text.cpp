#include "image/parameters_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/text.h"
#include "image/settings_lines.h"

namespace velatura {
namespace {

constexpr std::string_view kNegativePrompt = "Negative prompt:";
constexpr std::string_view kBlanks = " \t\r\n\f\v";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string quoted(const std::string& value) {
  if (value.find_first_of(",:\n") == value.npos && !value.starts_with('"')) return value;
  return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
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
  SettingsBlock parts = cut_settings(block);
  text.fields = std::move(parts.fields);
  block = parts.head;

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
