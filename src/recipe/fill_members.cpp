#include "core/config_object.h"
#include "core/python_json.h"
#include "recipe/fill.h"
#include "velatura/error.h"

namespace velatura::recipe {

Json object_in(const std::string& text, const std::string& where) {
  Json object = parse_json(json_from_python(text), where);
  if (!object.is_object()) throw InputError(where + ": expected a JSON object");
  return object;
}

std::string text_at(const Json& object, const std::string& key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool is_nothing(const Json& value) {
  return value.is_null() || value == false || value == 0 || value == "" ||
         (value.is_structured() && value.empty());
}

void read_members(Recipe& recipe, const Json& object, std::span<const Field> fields,
                  const std::function<bool(const std::string&, const Json&)>& other) {
  for (const auto& entry : object.items()) {
    const std::string& key = entry.key();
    const Json& value = entry.value();
    if (const Field* field = find_field(fields, key)) {
      const bool is_text = value.is_string() && field->kind != Kind::text;
      set_field(recipe, *field, is_text ? number_or_text(value.get<std::string>()) : value);
    } else if (!other(key, value) && !is_nothing(value)) {
      leave_out(recipe, key, value);
    }
  }
}

void set_prompts(Recipe& recipe, const std::string& prompt, const std::string& negative) {
  set_prompt_with_networks(recipe, "prompt", prompt);
  set(recipe, "negative-prompt", negative);
  set(recipe, "prompt-syntax", "webui");
  const bool has_syntax = (prompt + negative).find_first_of("([{<|\\") != std::string::npos;
  if (has_syntax)
    leave_out(recipe, "weights and the like in prompts, as " + recipe.made_by + " reads them");
}

}  // namespace velatura::recipe
