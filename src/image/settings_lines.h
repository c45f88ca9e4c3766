#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace velatura {

/// Key and value, in order.
using TextFields = std::vector<std::pair<std::string, std::string>>;

/// What stands behind the settings and belongs to no key is listed under this one.
inline constexpr std::string_view kLooseText = "Further text";

/// The fields of one line, "Steps: 20, Sampler: Euler, …"; values may be JSON strings, also with
/// bare line breaks in them.
TextFields parse_fields(std::string_view line);

/// A block of web UIs, cut in two.
struct SettingsBlock {
  std::string_view head;  ///< prompt and negative prompt
  TextFields fields;      ///< empty: there are none, and the head is all
};

/// The settings are the last line if it has at least three fields; else the last that begins with
/// "Steps: NUMBER", and what extensions write behind it: lines with a key of their own, whose
/// values go on for lines, and the rest of values with line breaks in them.
SettingsBlock cut_settings(std::string_view block);

}  // namespace velatura
