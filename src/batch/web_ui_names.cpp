#include "batch/web_ui_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <string_view>

#include "batch/list_options.h"
#include "batch/web_ui_payload.h"
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

// Names that make a setting together.
constexpr std::array<std::string_view, 6> kGathered{"n-iter",           "batch-size",
                                                    "mask-blur-x",      "mask-blur-y",
                                                    "inpaint-full-res", "inpaint-full-res-padding"};

const std::array<std::string_view, 3> kResizeModes{"stretch", "crop", "pad"};

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
  std::optional<std::string> blur_x, blur_y;

  // True if the setting was one of them.
  bool take(const Setting& setting) {
    if (setting.name == "n-iter" || setting.name == "batch-size") {
      num_images = std::max<std::int64_t>(num_images, 1) * number_of(setting, 1);
    } else if (setting.name == "inpaint-full-res") {
      whole_picture = !is_true(setting);
    } else if (setting.name == "inpaint-full-res-padding") {
      padding = number_of(setting, 0);
    } else if (setting.name == "mask-blur-x") {
      blur_x = setting.value;
    } else if (setting.name == "mask-blur-y") {
      blur_y = setting.value;
    } else {
      return false;
    }
    return true;
  }

  void add_to(Settings& settings) const {
    if (num_images > 0) settings.push_back({"num-images", std::to_string(num_images)});
    if (!whole_picture) settings.push_back({"mask-crop", std::to_string(padding)});
    if (find(settings, "mask-blur") != nullptr || (!blur_x && !blur_y)) return;
    if (blur_x != blur_y) throw UsageError("--mask-blur-x and --mask-blur-y differ");
    settings.push_back({"mask-blur", blur_x});
  }
};

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

bool is_of_web_uis(std::string_view name) {
  return is_of_payloads(name) || std::ranges::find(kGathered, name) != kGathered.end() ||
         std::ranges::find(kRenamed, name, &Renamed::from) != kRenamed.end() ||
         name == "resize-mode";
}

Settings from_web_ui_names(const Settings& settings) {
  Settings result;
  Gathered gathered;
  const WebUiPayload payload(settings);
  std::set<std::string> seen;
  for (Setting setting : settings) {
    setting.name = with_dashes(setting.name);
    if (!seen.insert(setting.name).second && !is_list_option(setting.name))
      throw UsageError("--" + setting.name + " is given twice");
    if (payload.makes_idle(setting) || gathered.take(setting) || is_without_effect(setting))
      continue;
    result.push_back(translated(std::move(setting)));
  }
  gathered.add_to(result);
  return result;
}

}  // namespace velatura::batch
