#include "recipe/picture_prompts.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/text.h"

namespace velatura::recipe {
namespace {

// In folders, and with an extension that the finder of files does not need.
std::string name_of_file(const std::string& file) {
  return file.substr(file.find_last_of("/\\") + 1);
}

std::string text_of(const Json& value, const std::string& otherwise) {
  return value.is_number() ? number_text(value.get<double>()) : otherwise;
}

std::string string_or_empty(const Json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

std::string string_behind(const ComfyGraph& graph, const ComfyNode& node, const std::string& link,
                          const std::string& input) {
  const ComfyNode* const source = graph.source(node, link);
  return source == nullptr ? "" : string_or_empty(graph.value(*source, input));
}

}  // namespace

void add_picture_prompt(Recipe& recipe, const PicturePromptSaid& said) {
  if (said.adapter.empty()) return leave_out(recipe, "an IP-Adapter without its file's name");
  add(recipe, "ip-adapter", name_of_file(said.adapter));
  // Lists pair up by rank, so each of them says all.
  add(recipe, "ip-adapter-scale", text_of(said.scale, "1"));
  add(recipe, "ip-adapter-start", text_of(said.start, "0"));
  add(recipe, "ip-adapter-end", text_of(said.end, "1"));
  ask_for(recipe, "ip-adapter-image",
          "the picture of " + name_of_file(said.adapter) +
              (said.picture.empty() ? "" : ": " + said.picture));
}

bool read_ip_adapter(Recipe& recipe, const ComfyGraph& graph, const ComfyNode& node) {
  if (!node.type.starts_with("IPAdapter") || !node.has("ipadapter") || !node.has("image")) {
    return false;
  }
  add_picture_prompt(recipe, {.adapter = string_behind(graph, node, "ipadapter", "ipadapter_file"),
                              .picture = string_behind(graph, node, "image", "image"),
                              .scale = graph.value(node, "weight"),
                              .start = graph.value(node, "start_at"),
                              .end = graph.value(node, "end_at")});
  const std::string encoder = string_behind(graph, node, "clip_vision", "clip_name");
  if (!encoder.empty()) set(recipe, "image-encoder", name_of_file(encoder));
  const std::string type = string_or_empty(graph.value(node, "weight_type"));
  constexpr auto kPlain = std::to_array<std::string_view>({"", "standard", "linear", "original"});
  if (std::ranges::find(kPlain, type) == kPlain.end()) leave_out(recipe, "weight_type", type);
  return true;
}

bool read_ip_adapters(Recipe& recipe, const Json& list) {
  if (!list.is_array() || list.empty()) return false;
  for (const Json& item : list) {
    if (!item.is_object()) return false;
    const auto object = [&](const char* key) { return item.value(key, Json::object()); };
    const auto number = [&](const char* key) { return item.value(key, Json()); };
    add_picture_prompt(recipe, {.adapter = text_at(object("ip_adapter_model"), "name"),
                                .picture = text_at(object("image"), "image_name"),
                                .scale = number("weight"),
                                .start = number("begin_step_percent"),
                                .end = number("end_step_percent")});
  }
  return true;
}

}  // namespace velatura::recipe
