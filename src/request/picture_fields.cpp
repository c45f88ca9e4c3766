#include <array>

#include "request/adapter_fields.h"
#include "request/fields.h"
#include "request/prior_fields.h"

namespace velatura::request {
namespace {

void each_prompt_field(PictureRequest& request, const Visit& visit) {
  visit({.name = "prompt",
         .positional = true,
         .group = Group::prompt,
         .unit = "PROMPT",
         .help = "What to show; the option's name may be left out; '-' reads standard input",
         .shown_default = "empty"},
        &request.prompt);
  visit(
      {.name = "negative-prompt",
       .group = Group::prompt,
       .unit = "TEXT",
       .help =
           "What to keep away from; Stable Diffusion XL and Kandinsky tell none from an empty text",
       .shown_default = "none"},
      &request.negative_prompt);
  visit({.name = "prompt-2",
         .group = Group::prompt,
         .unit = "TEXT",
         .help = "What the second text encoder of Stable Diffusion XL reads",
         .shown_default = "the prompt",
         .special = true},
        &request.prompt_2);
  visit({.name = "negative-prompt-2",
         .group = Group::prompt,
         .unit = "TEXT",
         .help = "The same to keep away from",
         .shown_default = "the negative prompt",
         .special = true},
        &request.negative_prompt_2);
  visit(
      {.name = "prompt-syntax",
       .group = Group::prompt,
       .unit = "NAME",
       .help = "How prompts are read: plain (all of it is text, cut off where the text encoder "
               "ends) or webui ((more) [less] (x:1.3) BREAK, a backslash before what is text, any "
               "length)"},
      &request.prompt_syntax);
  visit({.name = "guidance-scale",
         .others = {"cfg-scale", "scale"},
         .letter = 'g',
         .group = Group::prompt,
         .unit = "X",
         .help = "How closely to follow the prompt (classifier-free guidance); 1 and less turn it "
                 "off, and the negative prompt with it",
         .shown_default =
             request.guidance_scale ? "" : "7.5, with Stable Diffusion XL 5, with Kandinsky 4",
         .range = Range{0, 1000},
         .in_batch = InBatch::must_agree,
         .parameter = "CFG scale"},
        &request.guidance_scale);
  visit({.name = "guidance-rescale",
         .group = Group::prompt,
         .unit = "X",
         .help = "Share of the guided prediction rescaled to the contrast of the unguided one, "
                 "against overexposure",
         .range = Range{0, 1},
         .in_batch = InBatch::must_agree},
        &request.guidance_rescale);
  visit({.name = "clip-skip",
         .group = Group::prompt,
         .unit = "N",
         .help = "Layers left out at the end of the text encoder",
         .range = Range{0, 100}},
        &request.clip_skip);
}

constexpr Range kScores{0, 10};

// What a model is told of the sizes of pictures. @param names  of its four fields
void each_size_field(SizeConditioning& sizes, const std::array<std::string_view, 4>& names,
                     const std::array<std::string_view, 4>& defaults, const Visit& visit) {
  const auto field = [](std::string_view name, std::string_view unit, std::string_view help,
                        std::string_view shown_default) {
    return Field{.name = name,
                 .group = Group::prompt,
                 .unit = unit,
                 .help = help,
                 .shown_default = shown_default,
                 .special = true};
  };
  visit(field(names[0], "WxH",
              "Stable Diffusion XL: how large the picture was before it was made smaller",
              defaults[0]),
        &sizes.original_size);
  visit(field(names[1], "WxH", "Stable Diffusion XL: how large it is meant to be", defaults[1]),
        &sizes.target_size);
  visit(
      field(names[2], "X,Y", "Stable Diffusion XL: from where in it this part is cut", defaults[2]),
      &sizes.crop_top_left);
  Field score =
      field(names[3], "X", "Stable Diffusion XL's refiner: how beautiful it is", defaults[3]);
  score.range = kScores;
  visit(score, &sizes.aesthetic_score);
}

void each_size_field(PictureRequest& request, const Visit& visit) {
  constexpr std::string_view own = "the picture's", wanted = "as what is wanted";
  each_size_field(request.sizes,
                  {"original-size", "target-size", "crop-top-left", "aesthetic-score"},
                  {own, own, "0,0", "6"}, visit);
  each_size_field(request.negative_sizes,
                  {"negative-original-size", "negative-target-size", "negative-crop-top-left",
                   "negative-aesthetic-score"},
                  {wanted, wanted, "0,0", "2.5"}, visit);
  visit({.name = "refiner-start",
         .group = Group::sampling,
         .unit = "X",
         .help = "Share of the schedule behind which --refiner goes on, above 0 and below 1",
         .shown_default = "0.8",
         .range = Range{0, 1},
         .in_batch = InBatch::must_agree,
         .parameter = "Refiner switch at",
         .special = true},
        &request.refiner_start);
}

void each_sampling_field(PictureRequest& request, const Visit& visit) {
  visit({.name = "prediction",
         .group = Group::model,
         .unit = "NAME",
         .help = "What the model's output means",
         .shown_default = "the model's",
         .in_batch = InBatch::must_agree,
         .recorded = Recorded::as_used},
        &request.sampling.prediction);
  visit({.name = "steps",
         .others = {"ddim-steps", "num-inference-steps"},
         .group = Group::sampling,
         .unit = "N",
         .help = "Denoising steps",
         .range = Range{1, 1000},
         .in_batch = InBatch::must_agree,
         .parameter = "Steps"},
        &request.steps);
  visit({.name = "sampler",
         .others = {"sampler-name", "scheduler"},
         .group = Group::sampling,
         .unit = "NAME",
         .help = "Sampler, by any name that 'velatura samplers' lists",
         .shown_default = "the model's",
         .in_batch = InBatch::must_agree,
         .recorded = Recorded::as_used},
        &request.sampling);
  visit({.name = "schedule",
         .group = Group::sampling,
         .unit = "NAME",
         .help = "Noise levels of the steps",
         .shown_default = "the model's",
         .in_batch = InBatch::must_agree,
         .recorded = Recorded::as_used},
        &request.sampling.schedule);
  visit({.name = "timestep-spacing",
         .group = Group::sampling,
         .unit = "NAME",
         .help = "Timesteps visited",
         .shown_default = "the model's",
         .in_batch = InBatch::must_agree,
         .recorded = Recorded::as_used},
        &request.sampling.timestep_spacing);
  visit({.name = "eta",
         .others = {"ddim-eta"},
         .group = Group::sampling,
         .unit = "X",
         .help = "Share of fresh noise a step, for ddim and tcd",
         .range = Range{0, 1},
         .in_batch = InBatch::must_agree,
         .recorded = Recorded::as_used},
        &request.sampling.eta);
  visit({.name = "seed",
         .letter = 's',
         .group = Group::sampling,
         .unit = "N",
         .help = "Seed of the first picture, 0 to 2^64 - 1; picture i uses seed + i; -1 is random",
         .shown_default = "random, and shown",
         .scope = Scope::series,
         .recorded = Recorded::as_used,
         .parameter = "Seed"},
        &request.seed);
  visit({.name = "latents-in",
         .group = Group::sampling,
         .unit = "FILE",
         .help = "Start from the noise in this .safetensors file, a tensor 'latents' [B, C, h, w]",
         .recorded = Recorded::by_name,
         .key = "starting-noise"},
        &request.latents);
}

void each_count_field(PictureRequest& request, const Visit& visit) {
  visit({.name = "num-images",
         .others = {"n-samples", "num-images-per-prompt"},
         .letter = 'n',
         .unit = "N",
         .help = "Pictures to make",
         .range = Range{1, 100000},
         .scope = Scope::series,
         .recorded = Recorded::never},
        &request.num_images);
  visit({.name = "batch-size",
         .unit = "N",
         .help = "Pictures denoised together",
         .range = Range{1, 1024},
         .scope = Scope::run,
         .recorded = Recorded::never},
        &request.batch_size);
}

}  // namespace

void each_common_field(PictureRequest& request, const Visit& visit) {
  each_prompt_field(request, visit);
  each_size_field(request, visit);
  each_sampling_field(request, visit);
  each_adapter_field(request, visit);
  each_prior_field(request, visit);
  each_count_field(request, visit);
}

}  // namespace velatura::request
