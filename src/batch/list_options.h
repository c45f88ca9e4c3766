#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace velatura::batch {

/// Options that may be given several times, which in JSON makes a list.
inline constexpr auto kListOptions = std::to_array<std::string_view>({
    "lora",
    "embedding",
    "control",
    "controlnet",
    "control-image",
    "control-scale",
    "controlnet-conditioning-scale",
    "adapter-conditioning-scale",
    "control-start",
    "control-end",
    "control-preprocess",
    "ground",
    "ip-adapter",
    "ip-adapter-image",
    "ip-adapter-scale",
    "ip-adapter-start",
    "ip-adapter-end",
    "mix",
});

/// @param name  with dashes
inline bool is_list_option(std::string_view name) {
  return std::ranges::find(kListOptions, name) != kListOptions.end();
}

}  // namespace velatura::batch
