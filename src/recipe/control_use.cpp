#include "recipe/control_use.h"

#include <algorithm>
#include <map>

namespace velatura::recipe {
namespace {

std::string number_in(const Json& value, const char* otherwise) {
  return value.is_number() ? value.dump() : otherwise;
}

// A name without folders and the extension of a weight file.
std::string stem_of(const std::string& file) {
  Recipe aside;
  set_model(aside, file);
  return aside.find("model").value_or("");
}

// "Key: value, Key: value"
std::map<std::string, std::string> pairs_in(const std::string& text) {
  std::map<std::string, std::string> pairs;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(", ", begin), text.size());
    const std::string one = text.substr(begin, end - begin);
    if (const std::size_t colon = one.find(": "); colon != one.npos) {
      pairs.emplace(one.substr(0, colon), one.substr(colon + 2));
    }
    begin = end + 2;
  }
  return pairs;
}

std::string web_ui_preprocess(Recipe& recipe, const std::string& module, const Json& low,
                              const Json& high) {
  if (module.empty() || module == "none" || module == "None") return "none";
  if (module == "canny") return "canny:" + number_in(low, "100") + ":" + number_in(high, "200");
  if (module == "invert" || module.starts_with("invert (")) return "invert";
  if (module == "threshold") return "threshold:" + number_in(low, "127");
  if (module == "inpaint_only" || module == "inpaint_global_harmonious") return "inpaint";
  leave_out(recipe, "ControlNet's preprocessor " + module + ": give what it makes of the picture");
  return "none";
}

Json member(const Json& object, const char* name) {
  return object.is_object() && object.contains(name) ? object[name] : Json();
}

}  // namespace

void add_named_control(Recipe& recipe, const NamedControl& control) {
  add(recipe, "control", stem_of(control.model));
  add(recipe, "control-scale", number_in(control.scale, "1"));
  add(recipe, "control-start", number_in(control.start, "0"));
  add(recipe, "control-end", number_in(control.end, "1"));
  add(recipe, "control-preprocess", control.preprocess.empty() ? "none" : control.preprocess);
  ask_for(recipe, "control-image", "the picture that " + control.model + " was shown");
}

void read_web_ui_control(Recipe& recipe, const std::string& key, const std::string& text) {
  const auto pairs = pairs_in(text);
  const auto at = [&](const char* name) {
    const auto found = pairs.find(name);
    return found == pairs.end() ? std::string() : found->second;
  };
  std::string model = at("Model");
  if (model.empty() || model == "None") return leave_out(recipe, key, text);
  if (const auto hash = model.rfind(" ["); hash != model.npos) model.resize(hash);
  const std::string preprocess = web_ui_preprocess(
      recipe, at("Module"), number_or_text(at("Threshold A")), number_or_text(at("Threshold B")));
  add_named_control(recipe, {.model = model,
                             .scale = number_or_text(at("Weight")),
                             .start = number_or_text(at("Guidance Start")),
                             .end = number_or_text(at("Guidance End")),
                             .preprocess = preprocess});
  const std::string mode = at("Control Mode");
  if (mode == "ControlNet is more important") {
    set(recipe, "guess-mode", "true");
  } else if (!mode.empty() && mode != "Balanced") {
    leave_out(recipe, key + "'s mode: " + mode);
  }
  if (const std::string fit = at("Resize Mode"); !fit.empty() && fit != "Just Resize") {
    leave_out(recipe, key + "'s picture: " + fit + "; here it is stretched");
  }
}

void read_invokeai_control(Recipe& recipe, const std::string& key, const Json& control) {
  const bool net = key == "controlnets";
  const Json model = member(control, net ? "control_model" : "t2i_adapter_model");
  std::string name = text_at(model, "name");
  if (name.empty()) name = text_at(model, "model_name");
  if (name.empty()) return leave_out(recipe, key, control);
  add_named_control(recipe, {.model = name,
                             .scale = member(control, net ? "control_weight" : "weight"),
                             .start = member(control, "begin_step_percent"),
                             .end = member(control, "end_step_percent")});
  const std::string mode = text_at(control, "control_mode");
  if (mode == "more_control" || mode == "unbalanced") {
    set(recipe, "guess-mode", "true");
  } else if (!mode.empty() && mode != "balanced") {
    leave_out(recipe, key + "' mode: " + mode);
  }
}

}  // namespace velatura::recipe
