#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>

#include "core/config_object.h"
#include "recipe/fill.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

constexpr std::array<Field, 25> kFields{{{"prompt", "prompt", Kind::text},
                                         {"negative_prompt", "negative-prompt", Kind::text},
                                         {"prompt_syntax", "prompt-syntax", Kind::text},
                                         {"seed", "seed", Kind::whole},
                                         {"width", "width", Kind::whole},
                                         {"height", "height", Kind::whole},
                                         {"steps", "steps", Kind::whole},
                                         {"guidance_scale", "guidance-scale", Kind::number},
                                         {"guidance_rescale", "guidance-rescale", Kind::number},
                                         {"clip_skip", "clip-skip", Kind::whole},
                                         {"sampler", "sampler", Kind::text},
                                         {"schedule", "schedule", Kind::text},
                                         {"timestep_spacing", "timestep-spacing", Kind::text},
                                         {"eta", "eta", Kind::number},
                                         {"prediction", "prediction", Kind::text},
                                         {"strength", "strength", Kind::number},
                                         {"resize", "resize", Kind::text},
                                         {"mask_blur", "mask-blur", Kind::number},
                                         {"mask_crop", "mask-crop", Kind::whole},
                                         {"noise_level", "noise-level", Kind::whole},
                                         {"tile", "tile", Kind::whole},
                                         {"tile_overlap", "tile-overlap", Kind::whole},
                                         {"device", "device", Kind::text},
                                         {"dtype", "dtype", Kind::text},
                                         {"vae_dtype", "vae-dtype", Kind::text}}};

/// What is more than a value.
using Reader = void (*)(Recipe&, const std::string& key, const Json&);

void read_task(Recipe& recipe, const std::string& key, const Json& value) {
  value.is_string() ? set_task(recipe, value) : leave_out(recipe, key, value);
}

void read_model(Recipe& recipe, const std::string& key, const Json& model) {
  if (!model.is_object()) return leave_out(recipe, key, model);
  for (const auto& part : model.items()) {
    const std::string& name = part.key();
    const Json& value = part.value();
    if (name == "sha256" && value.is_string()) {
      recipe.model_hash = value;
    } else if (name == "ema" && value == true) {
      set(recipe, "ema", "true");
    } else if ((name == "name" || name == "vae") && value.is_string()) {
      set_model(recipe, value.get_ref<const std::string&>(), name == "vae" ? "vae" : "model");
    } else {
      leave_out(recipe, "model's " + name, value);
    }
  }
}

void read_extend(Recipe& recipe, const std::string& key, const Json& sides) {
  std::string text;
  for (const char* side : {"left", "top", "right", "bottom"}) {
    const Json pixels = sides.is_object() && sides.contains(side) ? sides[side] : Json();
    if (!pixels.is_number_unsigned()) return leave_out(recipe, key, sides);
    if (pixels != 0) text += (text.empty() ? "" : ",") + std::string(side) + "=" + pixels.dump();
  }
  set(recipe, key, text);
}

void read_paste(Recipe& recipe, const std::string& key, const Json& paste) {
  if (!paste.is_boolean()) return leave_out(recipe, key, paste);
  if (!paste) set(recipe, "no-paste", "true");
}

void read_vae_tile(Recipe& recipe, const std::string& key, const Json& pixels) {
  if (pixels == 0) return set(recipe, "vae-tile", "off");
  set_field(recipe, {key, "vae-tile", Kind::whole}, pixels);
}

void read_starting_noise(Recipe& recipe, const std::string&, const Json& source) {
  if (source == "from a file") {
    recipe.inputs.push_back({"latents-in", "", ""});
  } else if (source != "seed") {
    leave_out(recipe, "starting noise", source);
  }
}

// Pictures that went in are named by what identifies them.
void read_input(Recipe& recipe, const std::string& key, const Json& picture) {
  const auto has = [&picture](const char* part, auto is_right) {
    return picture.contains(part) && (picture[part].*is_right)();
  };
  if (!picture.is_object() || !has("width", &Json::is_number_unsigned) ||
      !has("height", &Json::is_number_unsigned) || !has("sha256", &Json::is_string)) {
    return leave_out(recipe, "the input's " + key, picture);
  }
  std::string option = key;
  std::ranges::replace(option, '_', '-');
  recipe.inputs.push_back(
      {option, picture["width"].dump() + "x" + picture["height"].dump(), picture["sha256"]});
}

void ignore(Recipe&, const std::string&, const Json&) {}

const std::map<std::string, Reader>& readers() {
  static const std::map<std::string, Reader> readers{
      {"task", read_task},   {"model", read_model},       {"extend", read_extend},
      {"paste", read_paste}, {"vae_tile", read_vae_tile}, {"starting_noise", read_starting_noise},
      {"image", read_input}, {"mask", read_input},        {"depth_map", read_input},
      {"velatura", ignore},  {"libtorch", ignore},        {"pixels", ignore}};
  return readers;
}

}  // namespace

Recipe from_receipt(const std::string& receipt) {
  const Json object = parse_json(receipt, "the receipt");
  const auto version = object.is_object() ? object.find("velatura") : object.end();
  if (version == object.end() || !version->is_string()) {
    throw InputError("the receipt is not velatura's");
  }
  Recipe recipe;
  recipe.made_by = "velatura " + version->get<std::string>();
  for (const auto& entry : object.items()) {
    const std::string& key = entry.key();
    if (const auto reader = readers().find(key); reader != readers().end()) {
      reader->second(recipe, key, entry.value());
    } else if (const Field* field = find_field(kFields, key)) {
      set_field(recipe, *field, entry.value());
    } else {
      leave_out(recipe, key, entry.value());
    }
  }
  drop_idle_spacing(recipe);
  if (recipe.task == "upscale") {  // its size is the input's, four times as large
    std::erase_if(recipe.settings, [](const auto& setting) {
      return setting.first == "width" || setting.first == "height";
    });
  }
  return recipe;
}

}  // namespace velatura::recipe
