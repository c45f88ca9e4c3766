#include "recipe/comfy_graph.h"

#include <algorithm>
#include <array>

#include "velatura/error.h"

namespace velatura::recipe {
namespace {

using Json = nlohmann::json;

bool is_link(const Json& input) {
  return input.is_array() && input.size() == 2 && input[0].is_string() &&
         input[1].is_number_integer();
}

// As numbers are ordered.
bool is_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

std::string name_of(const ComfyNode& node) {
  return "node " + node.id + " " + node.type;
}

ComfyGraph::ComfyGraph(const Json& graph) {
  const Json none = Json::object();
  for (const auto& entry : (graph.is_object() ? graph : none).items()) {
    const Json& node = entry.value();
    if (!node.is_object()) continue;
    const auto type = node.find("class_type"), inputs = node.find("inputs");
    if (type == node.end() || !type->is_string()) continue;
    const bool has_inputs = inputs != node.end() && inputs->is_object();
    nodes_.push_back({entry.key(), type->get<std::string>(), has_inputs ? *inputs : none});
  }
  if (nodes_.empty()) throw InputError("prompt: no graph of ComfyUI's");
  std::ranges::sort(nodes_, is_before, &ComfyNode::id);
}

const ComfyNode* ComfyGraph::find(std::string_view id) const {
  const auto found = std::ranges::lower_bound(nodes_, id, is_before, &ComfyNode::id);
  return found == nodes_.end() || found->id != id ? nullptr : &*found;
}

const ComfyNode* ComfyGraph::source(const ComfyNode& node, const std::string& input) const {
  const auto found = node.inputs.find(input);
  if (found == node.inputs.end() || !is_link(*found)) return nullptr;
  return find((*found)[0].get_ref<const std::string&>());
}

const ComfyNode* ComfyGraph::next(const ComfyNode& node,
                                  const std::vector<std::string>& inputs) const {
  for (const std::string& input : inputs) {
    if (const ComfyNode* source = this->source(node, input)) return source;
  }
  return nullptr;
}

Json ComfyGraph::value(const ComfyNode& node, const std::string& input) const {
  static const std::array<std::string, 6> holders{"value", "text",  "string",
                                                  "int",   "float", "seed"};
  constexpr int kMostLinks = 16;
  const bool is_seed = input.ends_with("seed");  // others do not come from what holds one
  const ComfyNode* at = &node;
  std::string name = input;
  for (int links = 0; links < kMostLinks; ++links) {
    const auto found = at->inputs.find(name);
    if (found == at->inputs.end()) return nullptr;
    if (!is_link(*found)) return *found;
    at = find((*found)[0].get_ref<const std::string&>());
    if (at == nullptr) return nullptr;
    if (at->has(name)) continue;
    const auto holder = std::ranges::find_if(holders, [at, is_seed](const std::string& each) {
      return at->has(each) && (is_seed || each != "seed");
    });
    if (holder == holders.end()) return nullptr;
    name = *holder;
  }
  return nullptr;
}

}  // namespace velatura::recipe
