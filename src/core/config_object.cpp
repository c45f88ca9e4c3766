#include "core/config_object.h"

#include <algorithm>
#include <span>
#include <utility>

#include "core/failed_download.h"
#include "core/python_json.h"
#include "core/read_file.h"

namespace velatura {
namespace {

constexpr std::uintmax_t kLargestJson = 64u << 20;
constexpr int kDeepestJson = 64;

// nlohmann::json recurses when it destroys a value, so depth is bounded before parsing.
int nesting(std::string_view text) {
  int depth = 0, deepest = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      deepest = std::max(deepest, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return deepest;
}

}  // namespace

nlohmann::json parse_json(std::string_view text, const std::string& where) {
  if (nesting(text) > kDeepestJson) {
    throw InputError(where + ": JSON nested deeper than " + std::to_string(kDeepestJson));
  }
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size()));
    const auto line = 1 + std::count(text.begin(), end, '\n');
    const std::string what = error.what();
    const auto detail = what.rfind(": ");
    throw InputError(where + ":" + std::to_string(line) + ": not valid JSON" +
                     (detail == std::string::npos ? "" : what.substr(detail)));
  } catch (const nlohmann::json::out_of_range&) {
    throw InputError(where + ": a number in it is beyond what a double can hold");
  }
}

nlohmann::json read_json(const std::filesystem::path& path) {
  const std::string text = read_file(path, kLargestJson);
  if (const auto failed = failed_download(std::as_bytes(std::span(text))))
    throw InputError(path.string() + ": " + *failed);
  return parse_json(json_from_python(text), path.string());
}

ConfigObject::ConfigObject(std::string where, nlohmann::json value)
    : where_(std::move(where)), value_(std::move(value)) {
  if (!value_.is_object()) {
    throw InputError(where_ + ": expected a JSON object, found " + value_.type_name());
  }
}

ConfigObject ConfigObject::from_file(const std::filesystem::path& path) {
  return {path.string(), read_json(path)};
}

ConfigObject ConfigObject::with(const std::string& key, nlohmann::json value) const {
  nlohmann::json changed = value_;
  changed[key] = std::move(value);
  return {where_, std::move(changed)};
}

bool ConfigObject::has(const std::string& key) const {
  const auto found = value_.find(key);
  return found != value_.end() && !found->is_null();
}

nlohmann::json ConfigObject::raw(const std::string& key) {
  seen_.insert(key);
  return has(key) ? value_.at(key) : nlohmann::json();
}

void ConfigObject::only(const std::string& key, const nlohmann::json& supported) {
  seen_.insert(key);
  if (has(key) && value_.at(key) != supported)
    reject(key, supported.dump() + " (not supported yet)");
}

void ConfigObject::ignore(std::initializer_list<std::string_view> keys) {
  for (const auto key : keys) seen_.emplace(key);
}

void ConfigObject::finish() const {
  std::string unknown;
  for (const auto& [key, value] : value_.items()) {
    if (value.is_null() || key.starts_with('_') || seen_.contains(key)) continue;
    unknown += (unknown.empty() ? "" : ", ") + key + " = " + value.dump();
  }
  if (!unknown.empty()) throw InputError(where_ + ": not supported: " + unknown);
}

void ConfigObject::reject(const std::string& key, const std::string& expected) const {
  throw InputError(where_ + ": " + key + " is " + (has(key) ? value_.at(key).dump() : "absent") +
                   ", expected " + expected);
}

}  // namespace velatura
