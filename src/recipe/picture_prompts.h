#pragma once

#include <string>

#include "recipe/comfy_graph.h"
#include "recipe/fill.h"

namespace velatura::recipe {

/// An IP-Adapter as another program applied it; numbers that it does not say are null.
struct PicturePromptSaid {
  std::string adapter;  ///< its file or name; empty: not said
  std::string picture;  ///< the name of what it was shown
  Json scale, start, end;
};

/// Adds its options; for the picture, which is not in the file, is asked.
void add_picture_prompt(Recipe& recipe, const PicturePromptSaid& said);

/// Takes a node of ComfyUI that applies an IP-Adapter. @return false for any other node
bool read_ip_adapter(Recipe& recipe, const ComfyGraph& graph, const ComfyNode& node);

/// Takes InvokeAI's `ipAdapters`. @return false if they are none
bool read_ip_adapters(Recipe& recipe, const Json& list);

}  // namespace velatura::recipe
