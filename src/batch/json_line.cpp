#include "batch/json_line.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "batch/list_options.h"
#include "batch/web_ui_names.h"
#include "core/data_url.h"
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

bool is_prompt(std::string_view key) {
  constexpr std::array<std::string_view, 6> kPrompts{
      "prompt", "negative_prompt", "negative-prompt", "prompt_2", "prompt-2", "negative_prompt_2"};
  return std::ranges::find(kPrompts, key) != kPrompts.end() || key == "negative-prompt-2";
}

std::string text_of(const std::string& name, const Json& value) {
  if (value.is_string()) {
    auto text = value.get<std::string>();
    if (text.find('\0') != text.npos) throw UsageError("'" + name + "' holds a NUL character");
    return text;
  }
  if (is_prompt(name)) throw UsageError("'" + name + "': expected text, not " + value.dump());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (value.is_number_float()) return float_text(value.get<double>());
  if (value.is_structured() && !is_of_web_uis(with_dashes(name)))
    throw UsageError("'" + name + "': expected text, a number, true or false");
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Web UIs are sent pictures themselves. A file's name is shorter, or has a dot.
bool is_base64_picture(std::string_view text) {
  constexpr std::size_t kShortest = 32, kLongestName = 255;
  constexpr std::array<std::string_view, 7> kBeginnings{"iVBORw0KGgo", "/9j/", "UklGR", "R0lGOD",
                                                        "Qk",          "SUkq", "TU0AK"};
  const auto is_digit = [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("+/=\r\n").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (text.size() < kShortest || !std::ranges::all_of(text, is_digit)) return false;
  return text.size() > kLongestName || std::ranges::any_of(kBeginnings, [text](auto beginning) {
           return text.starts_with(beginning);
         });
}

Setting picture_of(const std::string& name, const Json& value) {
  std::string text = text_of(name, value);
  return {name, is_base64_picture(text) ? data_url(text) : std::move(text)};
}

bool names_a_picture(std::string_view key) {
  constexpr std::array<std::string_view, 10> kPictures{
      "image",     "init_image",       "init-image",    "mask",          "depth_map",
      "depth-map", "ip_adapter_image", "control_image", "control-image", "ip-adapter-image"};
  return std::ranges::find(kPictures, key) != kPictures.end();
}

void add_pictures(const std::string& name, const Json& value, Settings& settings) {
  if (value.is_array() && value.empty()) return;
  if (value.is_array() && (value.size() != 1 || !value[0].is_string()))
    throw UsageError("'" + name + "': expected one file name or picture in the list");
  settings.push_back(picture_of("image", value.is_array() ? value[0] : value));
}

// What may be given several times stands in a list of texts and numbers.
Json in_list(const std::string& key, const Json& value) {
  if (!is_list_option(with_dashes(key))) return Json::array({value});
  const auto is_plain = [](const Json& each) { return each.is_primitive() && !each.is_null(); };
  const bool is_list = value.is_array() && !value.empty() && std::ranges::all_of(value, is_plain);
  return is_list ? value : Json::array({value});
}

bool is_automatic(const std::string& name) {
  return name == "Automatic" || name == "automatic" || name == "None" || name.empty();
}

void add_override(const std::string& key, const Json& value, Settings& settings) {
  if (key == "CLIP_stop_at_last_layers" && value.is_number_integer() && value.get<int>() >= 1) {
    settings.push_back({"clip-skip", std::to_string(value.get<int>() - 1)});
  } else if (key == "sd_model_checkpoint" && value.is_string()) {
    settings.push_back({"model", value.get<std::string>()});
  } else if (key == "sd_vae" && value.is_string()) {
    if (!is_automatic(value)) settings.push_back({"vae", value.get<std::string>()});
  } else if (!(key == "eta_noise_seed_delta" && value == 0)) {
    throw UsageError("'override_settings': " + key + " is not supported with this value");
  }
}

}  // namespace

Settings parse_json_line(std::string_view line) {
  Settings settings;
  const Json object = parse(line);
  for (const auto& [key, value] : object.items()) {
    if (value.is_null() && key != "prompt") continue;
    if (key == "override_settings" && value.is_object()) {
      for (const auto& [name, setting] : value.items()) add_override(name, setting, settings);
    } else if (key == "init_images") {
      add_pictures(key, value, settings);
    } else {
      for (const Json& each : in_list(key, value)) {
        settings.push_back(names_a_picture(key) ? picture_of(key, each)
                                                : Setting{key, text_of(key, each)});
      }
    }
  }
  return settings;
}

}  // namespace velatura::batch
