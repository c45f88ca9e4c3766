#include "request/record.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <type_traits>

#include "request/column.h"
#include "request/fields.h"
#include "request/values.h"

namespace velatura::request {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kOrder = std::to_array<std::string_view>(
    {"prompt",    "negative_prompt", "seed",           "width",
     "height",    "steps",           "guidance_scale", "guidance_rescale",
     "clip_skip", "sampler",         "schedule",       "timestep_spacing",
     "eta",       "prediction",      "starting_noise", "prompt_syntax",
     "image",     "strength",        "resize",         "mask",
     "extend",    "mask_blur",       "mask_crop",      "paste"});

// What is newer than the order stands behind it.
std::size_t place_of(std::string_view key) {
  return static_cast<std::size_t>(std::ranges::find(kOrder, key) - kOrder.begin());
}

// Whether nothing is in a list, or nothing is said of what is.
bool says_nothing(const Field& field, const ConstPlace& place) {
  const auto* list = std::get_if<List>(&place);
  if (list == nullptr) return false;
  return (*list)->size() == 0 || (std::holds_alternative<std::filesystem::path*>((*list)->any()) &&
                                  text_of(field, place).empty());
}

// Fields that say something of lists which are empty, and lists that say nothing.
template <Task T>
std::set<std::string_view> idle_fields(const T& task) {
  std::set<std::string_view> empty, idle;
  each_field(task, [&](const Field& field, const ConstPlace& place) {
    if (says_nothing(field, place)) empty.insert(field.name);
  });
  each_field(task, [&](const Field& field, const ConstPlace&) {
    const bool is_idle = empty.contains(field.beside) && !field.alone;
    if (is_idle || empty.contains(field.name)) idle.insert(field.name);
  });
  return idle;
}

}  // namespace

template <Task T>
Record record_of(const T& task) {
  Record record{.task = std::string(task_name<T>()),
                .settings = Json::object(),
                .parameters = {},
                .composite = std::is_same_v<T, Inpaint>};
  const auto idle = idle_fields(task);
  each_field(task, [&](const Field& field, const ConstPlace& place) {
    if (field.recorded != Recorded::fully && field.recorded != Recorded::by_name) return;
    if (idle.contains(field.name)) return;
    if (auto value = json_of(place)) record.settings[receipt_key(field)] = std::move(*value);
  });
  std::multimap<std::size_t, std::pair<std::string, std::string>> parameters;
  each_own_field(task, [&](const Field& field, const ConstPlace& place) {
    const std::string text = text_of(field, place);
    if (field.parameter.empty() || text == "0") return;
    parameters.emplace(place_of(receipt_key(field)), std::pair(field.parameter, text));
  });
  for (auto& [at, parameter] : parameters) record.parameters.push_back(std::move(parameter));
  return record;
}

template Record record_of(const TextToImage&);
template Record record_of(const ImageToImage&);
template Record record_of(const Inpaint&);
template Record record_of(const DepthToImage&);
template Record record_of(const Upscale&);
template Record record_of(const Variations&);

Record record_of(const Request& request) {
  return std::visit([](const auto& task) { return record_of(task); }, request);
}

Json in_order(const Json& fields) {
  Json ordered = Json::object();
  for (const std::string_view key : kOrder) {
    const auto found = fields.find(std::string(key));
    if (found != fields.end()) ordered[std::string(key)] = *found;
  }
  ordered.update(fields);
  return ordered;
}

}  // namespace velatura::request
