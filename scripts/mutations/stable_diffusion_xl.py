"""What is easily read wrongly of Stable Diffusion XL."""

from mutations import Mutation, of

FAMILIES, PIPELINES = "src/families/", "src/pipelines/"
PICTURES, FILES = "pipelines_parity_tests", "weights_unit_tests"


def mutations() -> list[Mutation]:
    told = of(FAMILIES + "stable_diffusion_xl_conditioner.cpp", PICTURES)
    sizes = of(FAMILIES + "size_conditioning.cpp", PICTURES)
    handed = of(PIPELINES + "hand_over.cpp", PICTURES)
    group = of(PIPELINES + "picture_group.cpp", PICTURES)
    names = of("src/weights/layouts/original_text_names.cpp", FILES)
    codec = of(FAMILIES + "autoencoder.cpp", PICTURES, "families_unit_tests")
    return [
        told("XL: an empty negative prompt is a text", "&& !request.negative_prompt;",
             "&& request.negative_prompt.value_or(\"\").empty();"),
        told("XL: an absent negative prompt is zeros", "&& !request.negative_prompt;", "&& false;"),
        told("XL: hidden states before the last layer", ".left_out = clip_skip + 1", ".left_out = clip_skip"),
        told("XL: hidden states without the last norm", ".final_norm = false", ".final_norm = true"),
        told("XL: clip skip of the prompt alone", "encode(prompts.negative, 0)", "encode(prompts.negative, prompts.clip_skip)"),
        told("XL: the second prompt is the second encoder's", "i > 0 && second", "i == 0 && second"),
        told("XL: a refiner reads the first prompt", "i > 0 && second", "i + 1 == towers_.size() && second"),
        sizes("XL: height before width", "{static_cast<double>(original.height), static_cast<double>(original.width),",
              "{static_cast<double>(original.width), static_cast<double>(original.height),"),
        sizes("XL: top before left", "static_cast<double>(crop.y), static_cast<double>(crop.x)",
              "static_cast<double>(crop.x), static_cast<double>(crop.y)"),
        sizes("XL: scores of a refiner", "kNegativeScore = 2.5", "kNegativeScore = 6.0"),
        of("src/tokenizer/clip_tokenizer.cpp", PICTURES)("XL: each tokenizer's own padding", "ids.resize(length, pad_);",
                                                         "ids.resize(length, eos_);"),
        handed("XL: handed over by timesteps", "step.timestep >= cutoff;", "step.timestep > cutoff + 100;"),
        group("XL: one generator for base and refiner", "latents = refine(",
              "start.noise = start_group(model, group, progress, observer).noise;\n    latents = refine("),
        names("XL: text projection in single files", ", Transform::transpose);", ");"),
        names("XL: order of fused projections", "{\"q_proj\", \"k_proj\", \"v_proj\"}",
              "{\"k_proj\", \"q_proj\", \"v_proj\"}"),
        codec("XL: latents with a mean, decoded", "of_channels(config().latents_mean, latents);\n  std::optional",
              "0 * of_channels(config().latents_mean, latents);\n  std::optional"),
        codec("XL: latents with a mean, encoded", "(latents - of_channels(config().latents_mean, latents))", "(latents)"),
    ]
