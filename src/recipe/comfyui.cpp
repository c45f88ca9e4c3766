#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "core/config_object.h"
#include "core/python_json.h"
#include "recipe/comfy_graph.h"
#include "recipe/control_use.h"
#include "recipe/fill.h"
#include "recipe/picture_prompts.h"
#include "recipe/programs.h"

namespace velatura::recipe {
namespace {

using Inputs = std::vector<std::string>;  // the ways upstream; "" is a Reroute's

const Inputs kPictures{"images", "image", "samples", "pixels", "latent_image", "latent", ""};
const Inputs kModels{"model", ""};
const Inputs kClips{"clip", ""};

// Nodes that leave nothing open once they have been read.
constexpr std::array<std::string_view, 12> kUnderstood{
    "KSampler",         "KSamplerAdvanced",       "VAEDecode",        "VAEEncode",
    "LoadImage",        "EmptyLatentImage",       "CLIPTextEncode",   "SaveImage",
    "CLIPSetLastLayer", "CheckpointLoaderSimple", "CheckpointLoader", "Reroute"};

/// Reads one graph into one recipe.
class Reading {
 public:
  explicit Reading(const Json& graph) : graph_(graph) {}

  Recipe read() {
    recipe_.made_by = "ComfyUI";
    follow_picture();
    if (sampler_ == nullptr) take_any_sampler();
    if (sampler_ == nullptr) {
      leave_out(recipe_, "no sampler among the nodes");
      return recipe_;
    }
    for (const ComfyNode& node : graph_.nodes()) {
      if (is_sampler(node) && !samplers_.contains(&node)) {
        leave_out(recipe_, name_of(node) + ", a sampler beside the one read");
      }
    }
    read_prompt("positive", "prompt");
    read_prompt("negative", "negative-prompt");
    set(recipe_, "prompt-syntax", "webui");
    read_sampler();
    read_strength();
    read_model();
    return recipe_;
  }

 private:
  static bool is_sampler(const ComfyNode& node) {
    return node.has("sampler_name") && node.has("steps") && node.has("positive");
  }

  void note(const ComfyNode& node) {
    if (std::ranges::find(kUnderstood, node.type) != kUnderstood.end()) return;
    const Json lora = graph_.value(node, "lora_name");
    leave_out(recipe_,
              name_of(node) + (lora.is_string() ? " (" + lora.get<std::string>() + ")" : ""));
  }

  template <class Visit>
  void walk(const ComfyNode* from, const Inputs& inputs, Visit visit) {
    if (const ComfyNode* circle = graph_.walk(from, inputs, visit)) {
      leave_out(recipe_, name_of(*circle) + " leads back to itself");
    }
  }

  void field(const ComfyNode& node, const std::string& input, std::string_view option, Kind kind) {
    const Json value = graph_.value(node, input);
    value.is_null() ? ask_for(recipe_, option, unread(node, input))
                    : set_field(recipe_, {input, option, kind}, value);
  }

  // Why an input has no value.
  std::string unread(const ComfyNode& node, const std::string& input) const {
    if (!node.has(input)) return input + ": not in " + name_of(node);
    const ComfyNode* source = graph_.source(node, input);
    return input + ": " +
           (source != nullptr ? "from " + name_of(*source) + ", which cannot be read"
                              : node.inputs[input].dump());
  }

  // From the first picture saved that a sampler made.
  void follow_picture() {
    for (const ComfyNode& node : graph_.nodes()) {
      if (sampler_ == nullptr && node.type.starts_with("Save")) follow(&node);
    }
  }

  void take_any_sampler() {
    const auto found = std::ranges::find_if(graph_.nodes(), is_sampler);
    if (found == graph_.nodes().end()) return;
    leave_out(recipe_,
              "no sampler leads to a picture that is saved; " + name_of(*found) + " is read");
    follow(&*found);
  }

  // To where the latents begin. A sampler whose latents come from another one is a further pass.
  void follow(const ComfyNode* from) {
    std::vector<const ComfyNode*> way;
    walk(from, kPictures, [&](const ComfyNode& node) {
      way.push_back(&node);
      return true;
    });
    if (std::ranges::none_of(way, [](const auto* node) { return is_sampler(*node); })) return;
    for (const ComfyNode* node : way) {
      if (is_sampler(*node)) {
        if (sampler_ != nullptr) leave_out(recipe_, name_of(*sampler_) + ", a further pass");
        sampler_ = node;
        samplers_.insert(node);
      }
      note(*node);
      is_masked_ = is_masked_ || node->has("mask");
    }
    start_ = way.back();
  }

  void read_prompt(const std::string& role, const std::string& option) {
    const ComfyNode* encoder = nullptr;
    bool is_nothing = !sampler_->has(role);
    walk(graph_.source(*sampler_, role),
         {role, "conditioning", "conditioning_1", "conditioning_to", ""},
         [&](const ComfyNode& node) {
           if (!is_control(node)) {
             note(node);
           } else if (role == "positive") {
             read_control(node);
           }
           is_nothing = is_nothing || node.type == "ConditioningZeroOut";
           if (is_nothing) return false;
           if (node.has("text") || node.has("text_g")) encoder = &node;
           return encoder == nullptr;
         });
    if (encoder == nullptr) {
      const std::string what = "no text leads to " + name_of(*sampler_) + "'s " + role;
      return is_nothing ? leave_out(recipe_, what) : ask_for(recipe_, option, what);
    }
    const Json text = graph_.value(*encoder, encoder->has("text") ? "text" : "text_g");
    if (!text.is_string()) return ask_for(recipe_, option, name_of(*encoder) + "'s text");
    set(recipe_, option, webui_syntax(text));
    read_clip_skip(*encoder);
  }

  static bool is_control(const ComfyNode& node) {
    return node.has("control_net") && node.has("image") && node.has("strength");
  }

  // ControlNetApply, and ControlNetApplyAdvanced, through which both prompts go.
  void read_control(const ComfyNode& node) {
    const ComfyNode* loader = graph_.source(node, "control_net");
    const Json file = loader != nullptr ? graph_.value(*loader, "control_net_name") : Json();
    if (!file.is_string()) return leave_out(recipe_, name_of(node));
    NamedControl control{.model = file,
                         .scale = graph_.value(node, "strength"),
                         .start = graph_.value(node, "start_percent"),
                         .end = graph_.value(node, "end_percent")};
    if (const ComfyNode* made = graph_.source(node, "image")) read_preprocess(*made, control);
    add_named_control(recipe_, control);
  }

  void read_preprocess(const ComfyNode& node, NamedControl& control) {
    if (node.type == "ImageInvert") {
      control.preprocess = "invert";
    } else if (node.type == "CannyEdgePreprocessor") {
      const Json low = graph_.value(node, "low_threshold");
      const Json high = graph_.value(node, "high_threshold");
      if (low.is_number() && high.is_number())
        control.preprocess = "canny:" + low.dump() + ":" + high.dump();
    } else {
      note(node);  // what it makes of the picture is asked for
    }
  }

  // ComfyUI weighs (x) and (x:1.2) only; what else web UIs take for syntax is made text.
  std::string webui_syntax(const std::string& text) {
    std::string prompt;
    bool weighs = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '(' || text[i + 1] == ')')) {
        prompt += text[i++];
      } else if (std::string_view("\\[]{}<>|").find(text[i]) != std::string_view::npos) {
        prompt += '\\';
      } else {
        weighs = weighs || text[i] == '(';
      }
      prompt += text[i];
    }
    if (weighs) leave_out(recipe_, "weights in prompts, which ComfyUI applies in its own way");
    if (text.find("embedding:") != text.npos) leave_out(recipe_, "embeddings in prompts");
    return prompt;
  }

  void read_clip_skip(const ComfyNode& encoder) {
    walk(graph_.source(encoder, "clip"), kClips, [this](const ComfyNode& node) {
      if (!is_lora(node)) note(node);
      if (!node.has("stop_at_clip_layer")) return true;
      const Json layer = graph_.value(node, "stop_at_clip_layer");
      if (layer.is_number_integer() && layer < 0 && layer > -100) {
        set(recipe_, "clip-skip", std::to_string(-1 - layer.get<int>()));
      } else {
        ask_for(recipe_, "clip-skip", unread(node, "stop_at_clip_layer"));
      }
      return true;
    });
  }

  void read_sampler() {
    field(*sampler_, sampler_->has("noise_seed") ? "noise_seed" : "seed", "seed", Kind::whole);
    field(*sampler_, "steps", "steps", Kind::whole);
    field(*sampler_, "cfg", "guidance-scale", Kind::number);
    const Json name = graph_.value(*sampler_, "sampler_name");
    name.is_string() ? read_sampler_name(name)
                     : ask_for(recipe_, "sampler", unread(*sampler_, "sampler_name"));
    const Json levels = graph_.value(*sampler_, "scheduler");
    if (levels.is_string()) {
      set_noise_levels(recipe_, levels.get<std::string>());
    } else if (sampler_->has("scheduler")) {
      ask_for(recipe_, "schedule", unread(*sampler_, "scheduler"));
    }
    if (sampler_->type == "KSamplerAdvanced") read_range();
  }

  void read_sampler_name(std::string name) {
    if (name.ends_with("_gpu")) {
      leave_out(recipe_, "the sampler's noise from the GPU");
      name.erase(name.size() - 4);
    }
    set_sampler(recipe_, name);
  }

  // What has no option here, and cannot be read either.
  void note_unread(const ComfyNode& node, const std::string& input) {
    if (node.has(input) && graph_.value(node, input).is_null())
      leave_out(recipe_, unread(node, input));
  }

  // KSamplerAdvanced can do a part of the steps.
  void read_range() {
    for (const char* input : {"start_at_step", "end_at_step", "add_noise"})
      note_unread(*sampler_, input);
    const Json first = graph_.value(*sampler_, "start_at_step");
    const Json end = graph_.value(*sampler_, "end_at_step");
    const Json steps = graph_.value(*sampler_, "steps");
    if (first.is_number() && first > 0) leave_out(recipe_, "start_at_step", first);
    if (end.is_number() && end < steps) leave_out(recipe_, "end_at_step", end);
    if (graph_.value(*sampler_, "add_noise") == "disable") leave_out(recipe_, "add_noise: disable");
  }

  void read_strength() {
    recipe_.task = "txt2img";
    const Json denoise = graph_.value(*sampler_, "denoise");
    if (start_->has("width") && start_->has("height")) {
      field(*start_, "width", "width", Kind::whole);
      field(*start_, "height", "height", Kind::whole);
      note_unread(*start_, "batch_size");
      note_unread(*sampler_, "denoise");
      const Json pictures = graph_.value(*start_, "batch_size");
      if (pictures.is_number() && pictures != 1) {
        leave_out(recipe_, "one of a batch of " + pictures.dump() + ", not said which");
      }
      if (denoise.is_number() && denoise != 1) leave_out(recipe_, "denoise", denoise);
      return;
    }
    const Json file = graph_.value(*start_, "image");
    if (!file.is_string()) {
      for (const char* side : {"width", "height"})
        ask_for(recipe_, side, "where the latents come from: " + name_of(*start_));
      return;
    }
    recipe_.task = is_masked_ ? "inpaint" : "img2img";
    leave_out(recipe_, "the picture it began with", file);
    if (sampler_->has("denoise")) field(*sampler_, "denoise", "strength", Kind::number);
    keep_steps(denoise);
  }

  // All of ComfyUI's steps are done, whatever the strength; velatura does that share of them.
  void keep_steps(const Json& denoise) {
    const Json steps = graph_.value(*sampler_, "steps");
    if (!denoise.is_number() || !steps.is_number_unsigned()) return;
    const double strength = denoise.get<double>(), done = steps.get<double>();
    if (!(strength > 0.001 && strength < 1 && done <= 1000)) return;
    int all = static_cast<int>(std::ceil(done / strength));
    if (static_cast<int>(all * strength) < done) ++all;  // 100 * 0.29 is below 29
    set(recipe_, "steps", std::to_string(all));
    leave_out(recipe_,
              "steps: " + steps.dump() + " are the last of " + std::to_string(all) + " here");
  }

  static bool is_lora(const ComfyNode& node) {
    return node.has("lora_name") && node.has("strength_model");
  }

  // LoraLoader, and LoraLoaderModelOnly. Where it changes the model and another one the text encoder,
  // it is taken for both.
  void read_lora(const ComfyNode& node) {
    const Json file = graph_.value(node, "lora_name");
    const Json model = graph_.value(node, "strength_model");
    const Json clip = graph_.value(node, "strength_clip");
    if (!file.is_string() || !model.is_number()) return leave_out(recipe_, name_of(node));
    add_named_lora(recipe_, file.get_ref<const std::string&>(), model,
                   clip.is_number() ? clip.get<double>() : 0.0);
  }

  void read_model() {
    walk(graph_.source(*sampler_, "model"), kModels, [this](const ComfyNode& node) {
      if (read_ip_adapter(recipe_, graph_, node)) return true;
      if (is_lora(node)) {
        read_lora(node);
      } else {
        note(node);
      }
      for (const char* input : {"ckpt_name", "unet_name"}) {
        const Json file = graph_.value(node, input);
        if (file.is_string()) set_model(recipe_, file.get_ref<const std::string&>());
      }
      return true;
    });
    if (!recipe_.find("model")) leave_out(recipe_, "no checkpoint leads to " + name_of(*sampler_));
  }

  ComfyGraph graph_;
  Recipe recipe_;
  std::set<const ComfyNode*> samplers_;  // on the way of the picture
  const ComfyNode* sampler_ = nullptr;   // the first of them
  const ComfyNode* start_ = nullptr;     // where the latents begin
  bool is_masked_ = false;
};

}  // namespace

Recipe from_comfyui(const std::string& graph) {
  return Reading(parse_json(json_from_python(graph), "prompt")).read();
}

}  // namespace velatura::recipe
