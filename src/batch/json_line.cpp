#include "batch/json_line.h"

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text.h"
#include "velatura/error.h"

namespace velatura::batch {
namespace {

using Json = nlohmann::ordered_json;

// Parsed, with keys given twice and depths no job has refused.
Json parse(std::string_view line) {
  std::set<std::string> keys;
  std::string twice;
  bool deep = false;
  const auto look = [&](int depth, Json::parse_event_t event, Json& value) {
    deep = deep || depth > 8;
    if (event == Json::parse_event_t::key && depth == 1) {
      const auto key = value.get<std::string>();
      if (!keys.insert(key).second) twice = key;
    }
    return !deep;
  };
  Json object;
  try {
    object = Json::parse(line, look);
  } catch (const nlohmann::json::exception&) {
    throw UsageError("a line that begins with { is a JSON object, and this one is broken");
  }
  if (deep) throw UsageError("JSON nested too deep");
  if (!twice.empty()) throw UsageError("'" + twice + "' is given twice");
  return object;
}

// A whole number that is too large to be exact keeps an exponent: it may not be what was written,
// so no seed.
std::string float_text(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::abs(value) < kExact) return number_text(value);
  std::array<char, 32> digits;
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                    std::chars_format::scientific);
  return {digits.data(), result.ptr};
}

std::string text_of(const std::string& name, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_float()) return float_text(value.get<double>());
  if (value.is_number()) return value.dump();
  throw UsageError("'" + name + "': expected text, a number, true or false");
}

std::string only_image(const std::string& name, const Json& value) {
  if (!value.is_array()) return text_of(name, value);
  if (value.size() != 1 || !value[0].is_string()) {
    throw UsageError("'" + name + "': expected one file name in the list");
  }
  return value[0].get<std::string>();
}

void add_override(const std::string& key, const Json& value, Settings& settings) {
  if (key == "CLIP_stop_at_last_layers" && value.is_number_integer() && value.get<int>() >= 1) {
    settings.push_back({"clip-skip", std::to_string(value.get<int>() - 1)});
  } else if (key == "sd_model_checkpoint" && value.is_string()) {
    settings.push_back({"model", value.get<std::string>()});
  } else {
    throw UsageError("'override_settings': " + key + " is not supported with this value");
  }
}

}  // namespace

Settings parse_json_line(std::string_view line) {
  Settings settings;
  const Json object = parse(line);
  for (const auto& [key, value] : object.items()) {
    if (value.is_null() || (value.is_structured() && value.empty())) continue;
    if (key == "override_settings" && value.is_object()) {
      for (const auto& [name, setting] : value.items()) add_override(name, setting, settings);
    } else if (key == "init_images") {
      settings.push_back({"image", only_image(key, value)});
    } else {
      settings.push_back({key, text_of(key, value)});
    }
  }
  return settings;
}

}  // namespace velatura::batch
