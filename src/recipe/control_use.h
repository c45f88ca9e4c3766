#pragma once

#include <string>

#include "recipe/fill.h"

namespace velatura::recipe {

/// A ControlNet or T2I-Adapter as programs say one; what is null or empty is not told.
struct NamedControl {
  std::string model;  ///< folders and extension are left away
  Json scale = nullptr, start = nullptr, end = nullptr;
  std::string preprocess = {};
};

/// Adds it, all that options say of it, so that the next one's pair up; its picture is asked for.
void add_named_control(Recipe& recipe, const NamedControl& control);

/// "Module: canny, Model: NAME [0123456789], Weight: 1, …", as web UIs' extension writes it behind
/// the key "ControlNet 0".
void read_web_ui_control(Recipe& recipe, const std::string& key, const std::string& text);

/// Of InvokeAI's `controlnets` and `t2iAdapters`.
void read_invokeai_control(Recipe& recipe, const std::string& key, const Json& control);

}  // namespace velatura::recipe
