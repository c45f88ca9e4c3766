#include "recipe/fill.h"

#include <algorithm>
#include <cstdint>

#include "core/text.h"
#include "request/fields.h"
#include "velatura/error.h"

namespace velatura::recipe {
namespace {

constexpr std::size_t kMostNotes = 48, kLongestNote = 240;

std::string shortened(std::string_view text) {
  std::string note;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t begin = i;
    const auto c = next_code_point(text, i);
    if (!c) ++i;
    if (i > kLongestNote) return note + " …";
    if (!c || *c < 0x20 || *c == 0x7F) {
      note += ' ';
    } else {
      note += text.substr(begin, i - begin);
    }
  }
  return note;
}

std::string shown(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string shown(std::string_view key, const Json& value) {
  return std::string(key) + ": " + shown(value);
}

}  // namespace

void set(Recipe& recipe, std::string_view option, std::string value) {
  if (value.empty()) return;
  for (auto& [name, text] : recipe.settings) {
    if (name == option) {
      text = std::move(value);
      return;
    }
  }
  recipe.settings.push_back({std::string(option), std::move(value)});
}

void add(Recipe& recipe, std::string_view option, std::string value) {
  if (!value.empty()) recipe.settings.emplace_back(option, std::move(value));
}

void leave_out(Recipe& recipe, std::string_view what) {
  std::string note = shortened(what);
  auto& notes = recipe.unmapped;
  if (notes.size() > kMostNotes || std::ranges::find(notes, note) != notes.end()) return;
  notes.push_back(notes.size() == kMostNotes ? "and more" : std::move(note));
}

void leave_out(Recipe& recipe, std::string_view key, const Json& value) {
  leave_out(recipe, shown(key, value));
}

void leave_out_start_picture(Recipe& recipe) {
  leave_out(recipe, "the picture it began with is not in the file");
}

void ask_for(Recipe& recipe, std::string_view option, std::string_view what) {
  leave_out(recipe, what);
  if (std::ranges::find(recipe.missing, option, &MissingValue::option) == recipe.missing.end())
    recipe.missing.push_back({std::string(option), shortened(what)});
}

void set_field(Recipe& recipe, const Field& field, const Json& value) {
  if (value.is_null()) return;
  if (field.kind == Kind::text && value.is_string()) {
    set(recipe, field.option, value.get<std::string>());
  } else if (field.kind == Kind::whole && value.is_number_unsigned()) {
    set(recipe, field.option, std::to_string(value.get<std::uint64_t>()));
  } else if (field.kind == Kind::number && value.is_number()) {
    set(recipe, field.option, number_text(value.get<double>()));
  } else {
    ask_for(recipe, field.option, shown(field.key, value));
  }
}

Kind kind_of(const request::ConstPlace& place) {
  if (std::holds_alternative<const double*>(place) ||
      std::holds_alternative<const std::optional<double>*>(place)) {
    return Kind::number;
  }
  const bool whole = std::holds_alternative<const int*>(place) ||
                     std::holds_alternative<const std::uint64_t*>(place) ||
                     std::holds_alternative<const std::optional<int>*>(place);
  return whole ? Kind::whole : Kind::text;
}

Json number_or_text(const std::string& text) {
  constexpr std::size_t kLongestNumber = 32;
  if (text.size() <= kLongestNumber) {
    Json number = Json::parse(text, nullptr, false);
    if (number.is_number()) return number;
  }
  return text;
}

const Field* find_field(std::span<const Field> fields, std::string_view key) {
  const auto found = std::ranges::find(fields, key, &Field::key);
  return found == fields.end() ? nullptr : &*found;
}

void set_model(Recipe& recipe, std::string_view file, std::string_view option) {
  const std::size_t slash = file.find_last_of("/\\");
  if (slash != file.npos) file.remove_prefix(slash + 1);
  for (const std::string_view extension : {".safetensors", ".ckpt", ".pt", ".pth", ".bin"}) {
    if (file.ends_with(extension)) {
      file.remove_suffix(extension.size());
      break;
    }
  }
  if (!file.empty()) set(recipe, option, std::string(file));
}

void set_task(Recipe& recipe, const std::string& name) {
  if (std::ranges::find(request::kTasks, name) != request::kTasks.end()) {
    recipe.task = name;
  } else {
    leave_out(recipe, "task " + name);
  }
}

}  // namespace velatura::recipe
