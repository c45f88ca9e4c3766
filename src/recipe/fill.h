#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "recipe/recipe.h"
#include "request/field.h"

namespace velatura::recipe {

using Json = nlohmann::json;

/// Gives the option that value; an earlier one is replaced. An empty one is what options have
/// anyway, and left away.
void set(Recipe& recipe, std::string_view option, std::string value);

/// Gives an option that may be given several times one value more.
void add(Recipe& recipe, std::string_view option, std::string value);

/// Adds a LoRA, with what identifies its file as far as that is told.
void add_lora(Recipe& recipe, const LoraUse& lora, const std::string& hash = "");

/// Takes web UIs' <lora:NAME:A:B> out of a prompt and adds them; what is left goes into the option.
void set_prompt_with_networks(Recipe& recipe, std::string_view option, std::string prompt);

/// A LoRA as most programs say one: a name and one scale.
/// @param file        folders and extension are left away
/// @param text_scale  of the text encoder's part; nothing: the same
void add_named_lora(Recipe& recipe, std::string_view file, const Json& scale,
                    std::optional<double> text_scale = {});

/// Notes what does not map, shortened; the same only once, and no more than a few dozen.
void leave_out(Recipe& recipe, std::string_view what);
void leave_out(Recipe& recipe, std::string_view key, const Json& value);  ///< "KEY: VALUE"

/// Notes that the picture which it began with is not in the file.
void leave_out_start_picture(Recipe& recipe);

/// Notes a value that cannot be read, as leave_out() does, and that the option is missing.
void ask_for(Recipe& recipe, std::string_view option, std::string_view what);

enum class Kind { text, whole, number };  ///< whole: 0 … 2^64 - 1

/// As what a field's value is written; whatever is no number is text.
Kind kind_of(const request::ConstPlace& place);

/// Where another program's key goes.
struct Field {
  std::string_view key;
  std::string_view option;
  Kind kind;
};

/// Sets the field's option if the value is of its kind, else asks for it. Null is nothing.
void set_field(Recipe& recipe, const Field& field, const Json& value);

/// The number that a short text is; else the text itself.
Json number_or_text(const std::string& text);

/// A JSON object that a program wrote with Python. @throws InputError naming `where`
Json object_in(const std::string& text, const std::string& where);

/// The text there; "" if there is none.
std::string text_at(const Json& object, const std::string& key);

/// Off, or nothing of it.
bool is_nothing(const Json& value);

/// Takes every member of an object: by its field, else by `other`, which returns false for what it
/// does not know; that is left out, unless it is nothing. A field's number may be a text.
void read_members(Recipe& recipe, const Json& object, std::span<const Field> fields,
                  const std::function<bool(const std::string& key, const Json& value)>& other);

/// Both prompts, with the syntax of web UIs, which have room for long ones as these programs do.
/// What else a prompt may mean to its program is left out.
void set_prompts(Recipe& recipe, const std::string& prompt, const std::string& negative);

const Field* find_field(std::span<const Field> fields, std::string_view key);

/// Sets the sampler. Unknown names are left out.
/// @return the schedule that stands at the name's end ("DPM++ 2M Karras"), or ""
std::string set_sampler(Recipe& recipe, const std::string& name);

/// The noise levels of k-diffusion, as web UIs and ComfyUI name them: they reach from the model's
/// last timestep to its first whatever the schedule, so the samplers that take theirs from there
/// get timestep spacing linspace. "" and "Automatic" are the sampler's own. What is unknown, or not
/// for this sampler, is left out. set_sampler() goes first.
void set_noise_levels(Recipe& recipe, const std::string& name);

/// Takes away the timestep spacing from a sampler that has none.
void drop_idle_spacing(Recipe& recipe);

/// A model's or VAE's name without folders and the extension of a weight file, as velatura finds
/// it.
void set_model(Recipe& recipe, std::string_view file, std::string_view option = "model");

/// Names that are no command here are left out.
void set_task(Recipe& recipe, const std::string& name);

}  // namespace velatura::recipe
