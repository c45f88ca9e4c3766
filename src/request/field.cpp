#include "request/field.h"

#include <algorithm>
#include <type_traits>

#include "request/column.h"

namespace velatura::request {

std::string receipt_key(const Field& field) {
  std::string key(field.key.empty() ? field.name : field.key);
  std::ranges::replace(key, '-', '_');
  return key;
}

bool is_named(const Field& field, std::string_view name) {
  return !name.empty() &&
         (field.name == name || std::ranges::find(field.others, name) != field.others.end());
}

bool is_file(const ConstPlace& place) {
  if (const auto* list = std::get_if<List>(&place)) return is_file(read_only((*list)->any()));
  return std::holds_alternative<const Image*>(place) ||
         std::holds_alternative<const GrayImage*>(place) ||
         std::holds_alternative<const std::optional<GrayImage>*>(place) ||
         std::holds_alternative<const std::optional<Latents>*>(place) ||
         std::holds_alternative<const std::optional<ImageEmbeds>*>(place);
}

bool is_list(const ConstPlace& place) {
  return std::holds_alternative<List>(place);
}

bool is_flag(const Field& field) {
  return field.unit.empty();
}

ConstPlace read_only(const Place& place) {
  return std::visit([](const auto& alternative) -> ConstPlace { return alternative; }, place);
}

}  // namespace velatura::request
