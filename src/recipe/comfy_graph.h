#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace velatura::recipe {

/// A node of ComfyUI's API graph. An input is a value, or a link [id, slot] to another's output.
struct ComfyNode {
  std::string id;
  std::string type;       ///< class_type
  nlohmann::json inputs;  ///< an object

  bool has(const std::string& input) const { return inputs.contains(input); }
};

/// "node 14 ControlNetApply"
std::string name_of(const ComfyNode& node);

/// Untrusted: links may lead nowhere or in a circle, and any input may have any type.
class ComfyGraph {
 public:
  /// @throws InputError if there are no nodes in it
  explicit ComfyGraph(const nlohmann::json& graph);

  const std::vector<ComfyNode>& nodes() const { return nodes_; }  ///< by number

  /// The node that an input is linked to; null if it is no link, or leads nowhere.
  const ComfyNode* source(const ComfyNode& node, const std::string& input) const;

  /// The value of an input; through a link that of the node there that only holds one. Null if
  /// there is none.
  nlohmann::json value(const ComfyNode& node, const std::string& input) const;

  /// Goes from node to node, upstream along the first of these inputs that is a link, until there
  /// is none or `visit` returns false.
  /// @return a node that was met twice, where the way is a circle; else null
  template <class Visit>
  const ComfyNode* walk(const ComfyNode* node, const std::vector<std::string>& inputs,
                        Visit visit) const {
    std::set<const ComfyNode*> met;
    for (; node != nullptr; node = next(*node, inputs)) {
      if (!met.insert(node).second) return node;
      if (!visit(*node)) return nullptr;
    }
    return nullptr;
  }

 private:
  const ComfyNode* find(std::string_view id) const;
  const ComfyNode* next(const ComfyNode& node, const std::vector<std::string>& inputs) const;

  std::vector<ComfyNode> nodes_;
};

}  // namespace velatura::recipe
