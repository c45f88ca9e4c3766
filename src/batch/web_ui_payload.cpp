#include "batch/web_ui_payload.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "velatura/error.h"

namespace velatura::batch {
namespace {

// What a web UI does and velatura does not, and the values at which it does nothing.
struct Without {
  std::string_view name;
  std::array<std::string_view, 3> neutral;
};
constexpr std::array<Without, 29> kWithout{{{"subseed", {"-1", "0", ""}},
                                            {"subseed-strength", {"0", "", ""}},
                                            {"seed-resize-from-h", {"-1", "0", ""}},
                                            {"seed-resize-from-w", {"-1", "0", ""}},
                                            {"restore-faces", {"false", "False", "0"}},
                                            {"tiling", {"false", "False", "0"}},
                                            {"enable-hr", {"false", "False", "0"}},
                                            {"styles", {"", "[]", "[]"}},
                                            {"script-name", {"", "None", "none"}},
                                            {"alwayson-scripts", {"", "{}", "[]"}},
                                            {"refiner-checkpoint", {"", "None", "none"}},
                                            {"refiner-switch-at", {"0", "1", ""}},
                                            {"disable-extra-networks", {"false", "False", "0"}},
                                            {"firstpass-image", {"", "", ""}},
                                            {"latent-mask", {"", "", ""}},
                                            {"infotext", {"", "", ""}},
                                            {"distilled-cfg-scale", {"3.5", "", ""}},
                                            {"mask-round", {"true", "True", "1"}},
                                            {"s-churn", {"0", "", ""}},
                                            {"s-tmin", {"0", "", ""}},
                                            {"s-tmax", {"0", "", ""}},
                                            {"s-min-uncond", {"0", "", ""}},
                                            {"s-noise", {"1", "", ""}},
                                            {"initial-noise-multiplier", {"1", "", ""}},
                                            {"inpainting-fill", {"1", "original", ""}},
                                            {"firstphase-width", {"0", "", ""}},
                                            {"firstphase-height", {"0", "", ""}},
                                            {"image-cfg-scale", {"1.5", "", ""}},
                                            {"override-settings", {"", "{}", "{}"}}}};

// What a web UI shows and saves, whatever the value, and what only counts beside a script's name.
constexpr std::array<std::string_view, 10> kOfNoEffect{
    "do-not-save-samples", "do-not-save-grid",    "save-images",
    "send-images",         "include-init-images", "override-settings-restore-afterwards",
    "prompt-for-display",  "force-task-id",       "comments",
    "script-args"};

// What a payload says of its mask where it has none.
struct OfMask {
  std::string_view name;
  std::array<std::string_view, 3> usual;
};
constexpr std::array<OfMask, 7> kOfMask{{{"mask-blur", {"4", "0", ""}},
                                         {"mask-blur-x", {"4", "0", ""}},
                                         {"mask-blur-y", {"4", "0", ""}},
                                         {"inpainting-fill", {"0", "1", ""}},
                                         {"inpaint-full-res", {"true", "1", "false"}},
                                         {"inpaint-full-res-padding", {"0", "32", ""}},
                                         {"inpainting-mask-invert", {"0", "false", ""}}}};

constexpr std::array<std::string_view, 1> kNothing{"0"};

bool is_picture(std::string_view name) {
  return name == "image" || name == "init-image" || name == "init-images";
}

// As text, or as a number: 0 is 0.0.
template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& values, const std::string& text) {
  const auto number = [](std::string_view digits) -> std::optional<double> {
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const auto given = number(text);
  return std::ranges::any_of(values, [&](std::string_view value) {
    return value == text || (given && number(value) == given);
  });
}

template <class Rows>
auto* find_row(const Rows& rows, std::string_view name) {
  const auto row = std::ranges::find(rows, name, [](const auto& each) { return each.name; });
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace

WebUiPayload::WebUiPayload(const Settings& settings) {
  bool names_mask = false, has_mask = false, speaks_of_mask = false;
  for (const Setting& setting : settings) {
    const std::string name = with_dashes(setting.name);
    const bool is_said = setting.value != "";
    has_picture_ |= is_said && is_picture(name);
    names_mask |= name == "mask";
    has_mask |= is_said && name == "mask";
    has_second_pass_ |= name == "enable-hr";
    has_sampler_ |= is_said && (name == "sampler-name" || name == "sampler");
    speaks_of_mask |= name != "mask-blur" && find_row(kOfMask, name) != nullptr;
  }
  is_without_mask_ = !has_mask && speaks_of_mask && (names_mask || has_picture_);
}

bool WebUiPayload::makes_idle(const Setting& setting) const {
  const std::string value = setting.value.value_or("true");
  const std::string_view name = setting.name;
  if (name == "mask" || is_picture(name)) return value.empty();
  if (name == "sampler-index") return has_sampler_;
  // Of a text-to-image job it is that of a second pass, which is off.
  if (name == "denoising-strength")
    return !has_picture_ && (has_second_pass_ || is_one_of(kNothing, value));
  const OfMask* row = is_without_mask_ ? find_row(kOfMask, name) : nullptr;
  return row != nullptr && is_one_of(row->usual, value);
}

bool is_without_effect(const Setting& setting) {
  if (std::ranges::find(kOfNoEffect, setting.name) != kOfNoEffect.end()) return true;
  if (setting.name.starts_with("hr-")) return true;  // enable-hr decides
  const Without* row = find_row(kWithout, setting.name);
  if (row == nullptr) return false;
  if (is_one_of(row->neutral, setting.value.value_or("true"))) return true;
  throw UsageError("--" + setting.name + (setting.value ? " " + *setting.value : "") +
                   " is not supported");
}

bool is_of_payloads(std::string_view name) {
  return find_row(kWithout, name) != nullptr || find_row(kOfMask, name) != nullptr ||
         std::ranges::find(kOfNoEffect, name) != kOfNoEffect.end() || name.starts_with("hr-");
}

}  // namespace velatura::batch
