#include "weights/layouts/folder_kind.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "weights/layouts/pipeline_class.h"

namespace velatura::weights {
namespace {

constexpr std::string_view kXl = "Stable Diffusion XL", kPlain = "Stable Diffusion";

// Of what a pipeline's name begins with. The longer ones first.
constexpr auto kPrefixes = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"StableDiffusionXL", kXl},
    {"StableDiffusion", kPlain},
    {"KandinskyV22", "Kandinsky 2.2"},
    {"Kandinsky", "Kandinsky 2.1"},
});

std::int64_t number(const nlohmann::json& config, const char* key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// Versions differ in the text encoder.
std::string_view version(const nlohmann::json& unet) {
  switch (number(unet, "cross_attention_dim")) {
    case 768:
      return " 1.x";
    case 1024:
      return " 2.x";
    default:
      return "";
  }
}

// What goes in beside the latents says what a UNet is for.
std::string_view purpose(const nlohmann::json& unet) {
  switch (number(unet, "in_channels")) {
    case 5:
      return " depth";
    case 7:
      return " x4 upscaler";
    case 9:
      return " inpainting";
    default:
      return unet.value("addition_embed_type", nlohmann::json()) == "image_hint" ? " with a hint"
                                                                                 : "";
  }
}

}  // namespace

std::string kind_of_folder(const ModelFiles& files) {
  const auto family = std::ranges::find_if(
      kPrefixes, [&](const auto& row) { return files.pipeline_class.starts_with(row.first); });
  if (family == kPrefixes.end()) return "";
  std::string kind(family->second);
  const Part* const unet = files.find("unet");
  if (unet == nullptr) return kind + " prior";
  const nlohmann::json& config = unet->config.json();
  const std::string_view made_for = purpose(config);
  if (kind == kPlain && made_for != " x4 upscaler") kind += version(config);
  if (kind == kXl && made_for.empty())
    return kind + (files.requires_aesthetics_score ? " refiner" : " base");
  return kind + std::string(made_for);
}

}  // namespace velatura::weights
