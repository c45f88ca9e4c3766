#include <algorithm>
#include <map>
#include <string>
#include <variant>

#include "core/config_object.h"
#include "recipe/fill.h"
#include "recipe/programs.h"
#include "request/column.h"
#include "request/fields.h"

namespace velatura::recipe {
namespace {

/// Takes what stands behind a key. @param option  that says it
using Reader = void (*)(Recipe&, const std::string& option, const std::string& key, const Json&);

void read_task(Recipe& recipe, const std::string&, const std::string& key, const Json& value) {
  value.is_string() ? set_task(recipe, value) : leave_out(recipe, key, value);
}

// What stands in one object, under names of its own.
bool is_of_the_model(std::string_view option) {
  return option == "model" || option == "vae" || option == "ema" || option == "refiner" ||
         option == "prior";
}

void read_model(Recipe& recipe, const std::string&, const std::string& key, const Json& model) {
  if (!model.is_object()) return leave_out(recipe, key, model);
  for (const auto& part : model.items()) {
    const std::string& name = part.key();
    const Json& value = part.value();
    if (name == "sha256" && value.is_string()) {
      recipe.model_hash = value;
    } else if (name == "refiner_sha256" && value.is_string()) {
      recipe.refiner_hash = value;
    } else if (name == "refiner" && value.is_string()) {
      set_model(recipe, value.get_ref<const std::string&>(), "refiner");
    } else if (name == "prior_sha256" && value.is_string()) {
      recipe.prior_hash = value;
    } else if (name == "prior" && value.is_string()) {
      set_model(recipe, value.get_ref<const std::string&>(), "prior");
    } else if (name == "ema" && value == true) {
      set(recipe, "ema", "true");
    } else if ((name == "name" || name == "vae") && value.is_string()) {
      set_model(recipe, value.get_ref<const std::string&>(), name == "vae" ? "vae" : "model");
    } else {
      leave_out(recipe, "model's " + name, value);
    }
  }
}

void read_margins(Recipe& recipe, const std::string& option, const std::string& key,
                  const Json& sides) {
  std::string text;
  for (const char* side : {"left", "top", "right", "bottom"}) {
    const Json pixels = sides.is_object() && sides.contains(side) ? sides[side] : Json();
    if (!pixels.is_number_unsigned()) return leave_out(recipe, key, sides);
    if (pixels != 0) text += (text.empty() ? "" : ",") + std::string(side) + "=" + pixels.dump();
  }
  set(recipe, option, text);
}

void read_off_switch(Recipe& recipe, const std::string& option, const std::string& key,
                     const Json& value) {
  if (!value.is_boolean()) return leave_out(recipe, key, value);
  if (!value) set(recipe, option, "true");
}

void read_flag(Recipe& recipe, const std::string& option, const std::string& key,
               const Json& value) {
  if (!value.is_boolean()) return leave_out(recipe, key, value);
  if (value) set(recipe, option, "true");
}

void read_tile(Recipe& recipe, const std::string& option, const std::string& key,
               const Json& pixels) {
  if (pixels == 0) return set(recipe, option, "off");
  set_field(recipe, {key, option, Kind::whole}, pixels);
}

void read_starting_noise(Recipe& recipe, const std::string& option, const std::string&,
                         const Json& source) {
  if (source == "from a file") {
    recipe.inputs.push_back({option, "", ""});
  } else if (source != "seed") {
    leave_out(recipe, "starting noise", source);
  }
}

void read_tensor_file(Recipe& recipe, const std::string& option, const std::string& key,
                      const Json& source) {
  if (source != "from a file") return leave_out(recipe, key, source);
  recipe.inputs.push_back({option, "", ""});
}

// Pictures that went in are named by what identifies them.
void read_input(Recipe& recipe, const std::string& option, const std::string& key,
                const Json& picture) {
  const auto has = [&picture](const char* part, auto is_right) {
    return picture.contains(part) && (picture[part].*is_right)();
  };
  if (!picture.is_object() || !has("width", &Json::is_number_unsigned) ||
      !has("height", &Json::is_number_unsigned) || !has("sha256", &Json::is_string)) {
    return leave_out(recipe, "the input's " + key, picture);
  }
  recipe.inputs.push_back(
      {option, picture["width"].dump() + "x" + picture["height"].dump(), picture["sha256"]});
}

// Texts; where there are pictures among them, all must be given again.
void read_mix(Recipe& recipe, const std::string& option, const std::string& key, const Json& list) {
  if (!list.is_array()) return leave_out(recipe, key, list);
  const auto is_text = [](const Json& item) { return item.is_string(); };
  const bool all_texts = std::ranges::all_of(list, is_text);
  for (const Json& item : list) {
    if (!item.is_string()) {
      read_input(recipe, option, key, item);
    } else if (all_texts) {
      add(recipe, option, item.get<std::string>());
    }
  }
}

// Items of a list, as texts and numbers are written.
void read_list(Recipe& recipe, const std::string& option, const std::string& key,
               const Json& list) {
  const auto is_plain = [](const Json& item) { return item.is_string() || item.is_number(); };
  if (!list.is_array() || !std::ranges::all_of(list, is_plain)) return leave_out(recipe, key, list);
  for (const Json& item : list)
    add(recipe, option, item.is_string() ? item.get<std::string>() : item.dump());
}

void read_inputs(Recipe& recipe, const std::string& option, const std::string& key,
                 const Json& list) {
  if (!list.is_array()) return leave_out(recipe, key, list);
  for (const Json& picture : list) read_input(recipe, option, key, picture);
}

void read_adapters(Recipe& recipe, const std::string&, const std::string& key, const Json& hashes) {
  if (!hashes.is_object()) return leave_out(recipe, key, hashes);
  for (const auto& [name, of_name] : hashes.items()) {
    for (const Json& sha256 : of_name.is_array() ? of_name : Json::array({of_name}))
      if (sha256.is_string()) recipe.adapters[name].push_back(sha256);
  }
}

// One that was given to a model which tells it from none.
void read_empty_negative(Recipe& recipe, const std::string&, const std::string&, const Json&) {
  recipe.settings.emplace_back("negative-prompt", "");
}

void ignore(Recipe&, const std::string&, const std::string&, const Json&) {}

using request::List;

/// The reader for what it is called with; null for a plain value.
struct ReaderOf {
  const request::Field& field;

  Reader operator()(const std::optional<int>*) const {
    return field.notation == request::Notation::tile ? read_tile : nullptr;
  }
  Reader operator()(const List& list) const {
    if (std::holds_alternative<MixItem*>(list->any())) return read_mix;
    return request::is_file(list) ? read_inputs : read_list;
  }
  Reader operator()(const bool*) const {
    return field.notation == request::Notation::off_switch ? read_off_switch : read_flag;
  }
  Reader operator()(const Margins*) const { return read_margins; }
  Reader operator()(const Image*) const { return read_input; }
  Reader operator()(const GrayImage*) const { return read_input; }
  Reader operator()(const std::optional<GrayImage>*) const { return read_input; }
  Reader operator()(const std::optional<Latents>*) const { return read_starting_noise; }
  Reader operator()(const std::optional<ImageEmbeds>*) const { return read_tensor_file; }
  Reader operator()(const auto&) const { return nullptr; }
};

/// A key of receipts.
struct Key {
  std::string option{};
  Reader read = nullptr;  ///< null: a plain value
  Kind kind{};
};

std::map<std::string, Key> make_keys() {
  std::map<std::string, Key> keys{{"empty_negative_prompt", {.read = read_empty_negative}},
                                  {"task", {.read = read_task}},
                                  {"model", {.read = read_model}},
                                  {"adapters", {.read = read_adapters}},
                                  {"velatura", {.read = ignore}},
                                  {"libtorch", {.read = ignore}},
                                  {"pixels", {.read = ignore}}};
  request::each_known_field([&keys](const request::Field& field, const request::ConstPlace& place) {
    if (field.recorded == request::Recorded::never || is_of_the_model(field.name)) return;
    keys.try_emplace(request::receipt_key(field), Key{.option = std::string(field.name),
                                                      .read = std::visit(ReaderOf{field}, place),
                                                      .kind = kind_of(place)});
  });
  return keys;
}

}  // namespace

Recipe from_receipt(const std::string& receipt) {
  const Json object = parse_json(receipt, "the receipt");
  const auto version = object.is_object() ? object.find("velatura") : object.end();
  if (version == object.end() || !version->is_string()) {
    throw InputError("the receipt is not velatura's");
  }
  static const std::map<std::string, Key> keys = make_keys();
  Recipe recipe;
  recipe.made_by = "velatura " + version->get<std::string>();
  for (const auto& entry : object.items()) {
    const std::string& key = entry.key();
    const auto known = keys.find(key);
    if (known == keys.end()) {
      leave_out(recipe, key, entry.value());
    } else if (const auto& [option, read, kind] = known->second; read != nullptr) {
      read(recipe, option, key, entry.value());
    } else {
      set_field(recipe, {key, option, kind}, entry.value());
    }
  }
  drop_idle_spacing(recipe);
  if (recipe.task == "upscale") {  // its size is the input's, four times as large
    if (!object.contains("resize")) set(recipe, "resize", "stretch");  // as it always was before
    std::erase_if(recipe.settings, [](const auto& setting) {
      return setting.first == "width" || setting.first == "height";
    });
  }
  return recipe;
}

}  // namespace velatura::recipe
