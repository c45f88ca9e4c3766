#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::batch {

/// An option of the picture commands, as text gives it.
struct Setting {
  std::string name;                  ///< without dashes: "guidance-scale"; any of its names
  std::optional<std::string> value;  ///< absent: the name alone, as flags are given
};

/// In the order given. The setting "task" is the name of a picture command.
using Settings = std::vector<Setting>;

/// As options are named: "cfg_scale" is "cfg-scale".
inline std::string with_dashes(std::string name) {
  std::ranges::replace(name, '_', '-');
  return name;
}

/// The first setting of that name; null if there is none.
inline const Setting* find(const Settings& settings, std::string_view name) {
  const auto found = std::ranges::find(settings, name, &Setting::name);
  return found == settings.end() ? nullptr : &*found;
}

}  // namespace velatura::batch
