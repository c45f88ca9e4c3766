#include "batch/web_ui_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>
#include <string_view>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

struct Renamed {
  std::string_view from, to;
};
constexpr std::array<Renamed, 9> kRenamed{{{"sampler-name", "sampler"},
                                           {"sampler-index", "sampler"},
                                           {"scheduler", "schedule"},
                                           {"cfg-scale", "guidance-scale"},
                                           {"denoising-strength", "strength"},
                                           {"init-images", "image"},
                                           {"init-image", "image"},
                                           {"inpainting-mask-invert", "invert-mask"},
                                           {"sd-model", "model"}}};

// What a web UI does and velatura does not, and the values at which it does nothing.
struct Without {
  std::string_view name;
  std::array<std::string_view, 3> neutral;
};
constexpr std::array<Without, 22> kWithout{{{"subseed", {"-1", "0", ""}},
                                            {"subseed-strength", {"0", "0.0", ""}},
                                            {"seed-resize-from-h", {"-1", "0", ""}},
                                            {"seed-resize-from-w", {"-1", "0", ""}},
                                            {"restore-faces", {"false", "False", "0"}},
                                            {"tiling", {"false", "False", "0"}},
                                            {"enable-hr", {"false", "False", "0"}},
                                            {"styles", {"", "[]", "[]"}},
                                            {"script-name", {"", "None", "none"}},
                                            {"refiner-checkpoint", {"", "None", "none"}},
                                            {"refiner-switch-at", {"0", "0.0", "1"}},
                                            {"s-churn", {"0", "0.0", ""}},
                                            {"s-tmin", {"0", "0.0", ""}},
                                            {"s-tmax", {"0", "0.0", ""}},
                                            {"s-min-uncond", {"0", "0.0", ""}},
                                            {"s-noise", {"1", "1.0", ""}},
                                            {"initial-noise-multiplier", {"1", "1.0", ""}},
                                            {"inpainting-fill", {"1", "original", ""}},
                                            {"firstphase-width", {"0", "", ""}},
                                            {"firstphase-height", {"0", "", ""}},
                                            {"image-cfg-scale", {"1.5", "", ""}},
                                            {"override-settings", {"", "{}", "{}"}}}};

// What a web UI shows and saves, whatever the value.
constexpr std::array<std::string_view, 8> kOfNoEffect{
    "do-not-save-samples", "do-not-save-grid",    "save-images",
    "send-images",         "include-init-images", "override-settings-restore-afterwards",
    "prompt-for-display",  "force-task-id"};

const std::array<std::string_view, 3> kResizeModes{"stretch", "crop", "pad"};

std::string with_dashes(std::string name) {
  std::ranges::replace(name, '_', '-');
  return name;
}

bool is_true(const Setting& setting) {
  return !setting.value || *setting.value == "true" || *setting.value == "True" ||
         *setting.value == "1";
}

int number_of(const Setting& setting, int lowest) {
  int number = 0;
  const std::string text = setting.value.value_or("");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < lowest ||
      number > 100000) {
    throw UsageError("--" + setting.name + " '" + text + "': expected a whole number from " +
                     std::to_string(lowest) + " to 100000");
  }
  return number;
}

/// Settings of which several make one.
struct Gathered {
  std::int64_t num_images = 0;  ///< 0: not said
  bool whole_picture = true;
  int padding = 32;  ///< as in web UIs

  // True if the setting was one of them.
  bool take(const Setting& setting) {
    if (setting.name == "n-iter" || setting.name == "batch-size") {
      num_images = std::max<std::int64_t>(num_images, 1) * number_of(setting, 1);
    } else if (setting.name == "inpaint-full-res") {
      whole_picture = !is_true(setting);
    } else if (setting.name == "inpaint-full-res-padding") {
      padding = number_of(setting, 0);
    } else {
      return false;
    }
    return true;
  }

  void add_to(Settings& settings) const {
    if (num_images > 0) settings.push_back({"num-images", std::to_string(num_images)});
    if (!whole_picture) settings.push_back({"mask-crop", std::to_string(padding)});
  }
};

bool is_without_effect(const Setting& setting) {
  if (std::ranges::find(kOfNoEffect, setting.name) != kOfNoEffect.end()) return true;
  if (setting.name.starts_with("hr-")) return true;  // enable-hr decides
  const auto row = std::ranges::find(kWithout, setting.name, &Without::name);
  if (row == kWithout.end()) return false;
  if (std::ranges::find(row->neutral, setting.value.value_or("true")) != row->neutral.end())
    return true;
  throw UsageError("--" + setting.name + (setting.value ? " " + *setting.value : "") +
                   " is not supported");
}

Setting translated(Setting setting) {
  const auto row = std::ranges::find(kRenamed, setting.name, &Renamed::from);
  if (row != kRenamed.end()) setting.name = row->to;
  if (setting.name == "schedule" && (setting.value == "Automatic" || setting.value == "automatic"))
    setting.value = "default";
  if (setting.name == "resize-mode") {
    const int mode = number_of(setting, 0);
    if (mode > 2) throw UsageError("--resize-mode " + *setting.value + " is not supported");
    return {"resize", std::string(kResizeModes[static_cast<std::size_t>(mode)])};
  }
  return setting;
}

}  // namespace

Settings from_web_ui_names(const Settings& settings) {
  Settings result;
  Gathered gathered;
  // The strength of a text-to-image job is that of its second pass, which is off.
  const bool second_pass =
      find(settings, "enable_hr") != nullptr && find(settings, "image") == nullptr;
  std::set<std::string> seen;
  for (Setting setting : settings) {
    setting.name = with_dashes(setting.name);
    if (!seen.insert(setting.name).second)
      throw UsageError("--" + setting.name + " is given twice");
    if (gathered.take(setting) || is_without_effect(setting)) continue;
    if (second_pass && setting.name == "denoising-strength") continue;
    result.push_back(translated(std::move(setting)));
  }
  gathered.add_to(result);
  return result;
}

}  // namespace velatura::batch
