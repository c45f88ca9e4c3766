#include "cli/config_values.h"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "core/file_status.h"
#include "core/text.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using Kind = ConfigValue::Kind;

// May be a pipe, whose size nobody knows.
std::string text_of_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream || is_folder(file)) throw InputError(file + ": the config file cannot be read");
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string line_of(std::string_view text, int number) {
  for (; number > 1; --number) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  constexpr std::size_t kMost = 60;
  std::string line(text.substr(0, text.find_first_of("\r\n")));
  return line.size() > kMost || !is_utf8(line) ? "" : " in '" + line + "'";
}

// What the parser cannot know of people who write config files.
std::string hint(std::string_view problem) {
  if (problem.find("could not determine value type") != problem.npos)
    return "; text stands between quotes";
  if (problem.find("not representable") != problem.npos)
    return "; a number as large as that stands between quotes";
  return "";
}

toml::table parsed(const std::string& text, const std::string& file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    const int line = static_cast<int>(error.source().begin.line);
    throw UsageError(place_in(file, line) + std::string(error.description()) + line_of(text, line) +
                     hint(error.description()));
  }
}

std::optional<std::pair<Kind, std::string>> value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return std::pair(Kind::text, text->get());
  if (const auto* whole = node.as_integer())
    return std::pair(Kind::number, std::to_string(whole->get()));
  if (const auto* number = node.as_floating_point())
    return std::pair(Kind::number, number_text(number->get()));
  if (const auto* flag = node.as_boolean())
    return std::pair(Kind::boolean, std::string(flag->get() ? "true" : "false"));
  return std::nullopt;
}

const char* name_of(const toml::node& node) {
  if (node.is_array_of_tables()) return "a list of tables";
  if (node.is_array()) return "a list";
  return node.is_table() ? "a table" : "a date or time";
}

ConfigValue value_at(const toml::key& key, const toml::node& node, const std::string& file) {
  const std::string name(key.str());
  const int line = static_cast<int>(key.source().begin.line);
  const auto* list = node.as_array();
  ConfigValue value{name, {}, {}, list != nullptr && !list->empty(), line};
  const auto add = [&](const toml::node& single) {
    auto found = value_of(single);
    if (!found) {
      throw UsageError(place_in(file, line) + "'" + name + "' is " + name_of(node) +
                       ": expected text, a number, true or false");
    }
    if (found->second.find('\0') != std::string::npos)
      throw UsageError(place_in(file, line) + "'" + name + "' holds a NUL character");
    value.kind = found->first;
    value.texts.push_back(std::move(found->second));
  };
  if (value.is_list) {
    for (const toml::node& each : *list) add(each);
  } else {
    add(node);
  }
  return value;
}

}  // namespace

std::string place_in(const std::string& file, int line) {
  return file + ":" + std::to_string(line) + ": ";
}

std::vector<ConfigSection> read_config(const std::string& file) {
  const toml::table table = parsed(text_of_file(file), file);
  std::vector<ConfigSection> sections{{"", 1, {}}};
  for (const auto& [key, node] : table) {
    const toml::table* section = node.as_table();
    if (section == nullptr) {
      sections.front().values.push_back(value_at(key, node, file));
      continue;
    }
    sections.push_back({std::string(key.str()), static_cast<int>(key.source().begin.line), {}});
    for (const auto& [name, value] : *section)
      sections.back().values.push_back(value_at(name, value, file));
  }
  for (ConfigSection& section : sections) std::ranges::sort(section.values, {}, &ConfigValue::line);
  return sections;
}

}  // namespace velatura::cli
