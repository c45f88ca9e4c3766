#pragma once

#include <optional>
#include <string>
#include <vector>

namespace velatura::batch {

/// An option of the picture commands, as text gives it.
struct Setting {
  std::string name;                  ///< without dashes: "guidance-scale"; any of its names
  std::optional<std::string> value;  ///< absent: the name alone, as flags are given
};

/// In the order given. The setting "task" is the name of a picture command.
using Settings = std::vector<Setting>;

}  // namespace velatura::batch
