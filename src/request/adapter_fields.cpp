#include "request/adapter_fields.h"

#include <array>
#include <string_view>

#include "image/preprocess.h"
#include "request/column.h"

namespace velatura::request {
namespace {

constexpr Range kScales{-100, 100};
constexpr auto kPreprocesses = std::to_array<std::string_view>(
    {"none", "canny", "invert", "inpaint", "scribble", "threshold", "blur", "luma", "depth"});
constexpr Range kShares{0, 1};

// What `control` and `ip-adapter` are told beside their pictures.
Field of_steps(std::string_view name, std::string_view beside, std::string_view help,
               std::string_view shown_default) {
  return {.name = name,
          .group = Group::adapters,
          .unit = "X",
          .help = help,
          .shown_default = shown_default,
          .range = kShares,
          .in_batch = InBatch::must_agree,
          .beside = beside};
}

Field of_strength(std::string_view name, std::string_view beside) {
  return {.name = name,
          .group = Group::adapters,
          .unit = "X",
          .help = "How strongly",
          .shown_default = "1",
          .range = kScales,
          .in_batch = InBatch::must_agree,
          .beside = beside};
}

void each_weight_change(PictureRequest& request, const Visit& visit) {
  visit({.name = "lora",
         .group = Group::adapters,
         .unit = "FILE",
         .help = "Change the model by a LoRA (LoCon, LoHa, LoKr, DoRA): FILE, FILE:SCALE or "
                 "FILE:SCALE:TEXT_SCALE, behind which @down=X,mid=X,up=X are shares of the UNet's "
                 "parts; may be repeated",
         .in_batch = InBatch::must_agree},
        column(request.loras));
  visit(
      {.name = "embedding",
       .group = Group::adapters,
       .unit = "FILE",
       .help =
           "Teach the prompt a word by textual inversion: FILE or TOKEN=FILE; the file's own token, "
           "else its name, otherwise; may be repeated, as for the two text encoders of Stable "
           "Diffusion XL where each has a file of its own"},
      column(request.embeddings));
}

void each_control(PictureRequest& request, const Visit& visit) {
  auto& controls = request.controls;
  visit({.name = "control",
         .others = {"controlnet"},
         .group = Group::adapters,
         .unit = "MODEL",
         .help = "Follow a picture by a ControlNet or T2I-Adapter, a folder or file; may be "
                 "repeated: the first goes with the first of the options below",
         .in_batch = InBatch::must_agree,
         .beside = "control-image",
         .each = true},
        column<&ControlUse::model>(controls));
  visit({.name = "control-image",
         .group = Group::adapters,
         .unit = "FILE",
         .help = "What is followed, stretched to the picture's size; alone for Kandinsky's model "
                 "that follows a depth map",
         .recorded = Recorded::by_name,
         .beside = "control",
         .each = true,
         .alone = true},
        column<&ControlUse::image>(controls));
  Field scale = of_strength("control-scale", "control");
  scale.others = {"controlnet-conditioning-scale", "adapter-conditioning-scale"};
  visit(scale, column<&ControlUse::scale>(controls));
  visit(of_steps("control-start", "control", "From which share of the steps on", "0"),
        column<&ControlUse::start>(controls));
  visit(of_steps("control-end", "control", "Up to which share of the steps", "1"),
        column<&ControlUse::end>(controls));
  visit({.name = "control-preprocess",
         .group = Group::adapters,
         .unit = "NAME",
         .help = "How the picture becomes what the ControlNet was trained on: canny[:LOW:HIGH], "
                 "invert, inpaint (what the mask hides), scribble, threshold[:N], blur[:RADIUS], "
                 "luma, depth (by the model's own estimator, or by depth-estimator)",
         .shown_default = "none",
         .words = kPreprocesses,
         .complaint = preprocess_complaint,
         .beside = "control"},
        column<&ControlUse::preprocess>(controls));
  visit({.name = "guess-mode",
         .group = Group::adapters,
         .help = "Let the control alone say what is there, also without a prompt",
         .in_batch = InBatch::must_agree,
         .beside = "control"},
        &request.guess_mode);
}

void each_depth(PictureRequest& request, const Visit& visit) {
  visit(
      {.name = "depth-estimator",
       .group = Group::adapters,
       .unit = "MODEL",
       .help = "The DPT that estimates depth for depth2img and control-preprocess depth, a folder",
       .shown_default = "the model's own"},
      &request.depth_estimator);
}

void each_grounding(PictureRequest& request, const Visit& visit) {
  visit({.name = "ground",
         .group = Group::adapters,
         .unit = "PHRASE@BOX",
         .help = "Where something is to be, for GLIGEN models: LEFT,TOP,RIGHT,BOTTOM in shares of "
                 "the sides, 0 to 1 from the top left; may be repeated, up to 30 times",
         .in_batch = InBatch::may_differ},
        column(request.groundings));
  visit({.name = "ground-beta",
         .others = {"gligen-scheduled-sampling-beta"},
         .group = Group::adapters,
         .unit = "X",
         .help = "Share of the steps in which boxes count",
         .range = kShares,
         .in_batch = InBatch::must_agree,
         .beside = "ground"},
        &request.ground_beta);
}

void each_picture_prompt(PictureRequest& request, const Visit& visit) {
  auto& prompts = request.picture_prompts;
  visit({.name = "ip-adapter",
         .group = Group::adapters,
         .unit = "FILE",
         .help = "Let pictures speak beside the prompt by an IP-Adapter; may be repeated",
         .in_batch = InBatch::must_agree,
         .beside = "ip-adapter-image"},
        column<&PicturePrompt::adapter>(prompts));
  visit({.name = "ip-adapter-image",
         .group = Group::adapters,
         .unit = "FILE",
         .help = "What it is shown; those beyond the adapters are further ones for the last",
         .recorded = Recorded::by_name},
        column<&PicturePrompt::image>(prompts));
  visit(of_strength("ip-adapter-scale", "ip-adapter"), column<&PicturePrompt::scale>(prompts));
  visit(of_steps("ip-adapter-start", "ip-adapter", "From which share of the steps on", "0"),
        column<&PicturePrompt::start>(prompts));
  visit(of_steps("ip-adapter-end", "ip-adapter", "Up to which share of the steps", "1"),
        column<&PicturePrompt::end>(prompts));
  visit({.name = "image-encoder",
         .group = Group::adapters,
         .unit = "MODEL",
         .help = "The CLIP picture model of IP-Adapters, a folder or file",
         .shown_default = "image_encoder/ beside the adapter, or the model's own",
         .in_batch = InBatch::must_agree,
         .beside = "ip-adapter"},
        &request.image_encoder);
}

}  // namespace

void each_adapter_field(PictureRequest& request, const Visit& visit) {
  each_weight_change(request, visit);
  each_control(request, visit);
  each_depth(request, visit);
  each_grounding(request, visit);
  each_picture_prompt(request, visit);
}

}  // namespace velatura::request
