#include "request/asked.h"

#include <algorithm>

#include "request/adapter_texts.h"
#include "request/column.h"
#include "request/values.h"
#include "velatura/error.h"

namespace velatura::request {
namespace {

template <class T>
T* place_of(const Slot& slot) {
  const auto* place = std::get_if<T*>(&slot.place);
  return place != nullptr && names_a_file(slot) ? *place : nullptr;
}

void invert(GrayImage& picture) {
  for (auto& value : picture.values) value = static_cast<std::uint16_t>(~value);
}

std::size_t times(std::string_view field, const Unread& unread) {
  const auto found = unread.lists.find(field);
  return found == unread.lists.end() ? 0 : found->second.size();
}

bool may_be_alone(const std::vector<Slot>& slots, std::string_view name) {
  return std::ranges::any_of(
      slots, [name](const Slot& slot) { return slot.field.name == name && slot.field.alone; });
}

// Options that speak of one item go together.
void check_lists(const std::vector<Slot>& slots, const Unread& unread) {
  const auto often = [](std::size_t n) { return n == 1 ? "once" : std::to_string(n) + " times"; };
  for (const Slot& slot : slots) {
    const std::string name(slot.field.name), beside(slot.field.beside);
    if (beside.empty() || !is_list(read_only(slot.place))) continue;
    const std::size_t own = times(name, unread), others = times(beside, unread);
    if ((others == 0 && slot.field.alone) || (own == 0 && may_be_alone(slots, beside))) continue;
    if (own > others || (slot.field.each && own < others)) {
      throw UsageError(name + " is given " + often(own) + ", " + beside + " " + often(others) +
                           ": the first goes with the first",
                       {name, beside});
    }
  }
}

void read_list(const Slot& slot, const Unread& unread, Inputs& inputs) {
  const List& list = std::get<List>(slot.place);
  const auto found = unread.lists.find(slot.field.name);
  if (found == unread.lists.end()) return;
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    const Place item = list->at(i);
    const std::string name(slot.field.name);
    if (auto* const* image = std::get_if<Image*>(&item)) {
      **image = inputs.image(name, found->second[i]);
    } else if (auto* const* mixed = std::get_if<MixItem*>(&item)) {
      const std::string& text = (*mixed)->text;
      if (inputs.names_image(text)) (*mixed)->image = inputs.image(name, text);
    }
  }
}

}  // namespace

bool names_a_file(const Slot& slot) {
  return is_file(read_only(slot.place)) && slot.field.notation != Notation::inversion;
}

std::optional<std::string> possible_picture(const Slot& slot, const std::string& text) {
  const auto* list = std::get_if<List>(&slot.place);
  if (list == nullptr || !std::holds_alternative<MixItem*>((*list)->any())) return std::nullopt;
  return mix_item_in(slot.field, text).text;
}

void set(const Slot& slot, Unread& unread, const std::string& text) {
  const auto& [field, place] = slot;
  if (field.notation == Notation::inversion) {
    unread.inverted = parse_flag(field, text);
  } else if (const auto* list = std::get_if<List>(&place)) {
    auto& texts = unread.lists[std::string(field.name)];
    const Place item = (*list)->at(texts.size());
    if (!is_file(read_only(item))) set_value(field, item, text);
    texts.push_back(text);
  } else if (names_a_file(slot)) {
    unread.files.insert_or_assign(std::string(field.name), text);
  } else if (std::holds_alternative<std::uint64_t*>(place)) {
    unread.seed = parse_seed(field, text);
  } else {
    set_value(field, place, text);
  }
}

void read_pictures(const std::vector<Slot>& slots, const Unread& unread, Inputs& inputs) {
  check_lists(slots, unread);
  for (const Slot& slot : slots) {
    const std::string field(slot.field.name);
    if (std::holds_alternative<List>(slot.place)) read_list(slot, unread, inputs);
    const auto found = unread.files.find(field);
    const std::string name = found == unread.files.end() ? "" : found->second;
    if (auto* const image = place_of<Image>(slot)) {
      if (name.empty()) throw UsageError(field + ": a picture file is needed", {field});
      *image = inputs.image(field, name);
    }
    if (name.empty()) continue;
    if (auto* const gray = place_of<GrayImage>(slot)) {
      *gray = inputs.gray_image(field, name);
      if (unread.inverted) invert(*gray);
    } else if (auto* const optional_gray = place_of<std::optional<GrayImage>>(slot)) {
      *optional_gray = inputs.gray_image(field, name);
    }
  }
}

void read_tensors(const std::vector<Slot>& slots, const Unread& unread, Inputs& inputs) {
  for (const Slot& slot : slots) {
    const std::string name(slot.field.name);
    const auto found = unread.files.find(name);
    if (found == unread.files.end() || found->second.empty()) continue;
    if (auto* const latents = place_of<std::optional<Latents>>(slot))
      *latents = inputs.latents(name, found->second);
    if (auto* const embeds = place_of<std::optional<ImageEmbeds>>(slot))
      *embeds = inputs.image_embeds(name, found->second);
  }
}

}  // namespace velatura::request
