#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "recipe/recipe.h"

namespace velatura::recipe {

/// Each reads the text one program leaves in its pictures. @throws InputError if it is not that

/// The JSON receipt that velatura leaves (pipelines/receipt.cpp).
Recipe from_receipt(const std::string& receipt);

/// The block that stable-diffusion-webui, its forks and others that follow it write. Their prompts
/// are read with prompt syntax webui; extra networks (<lora:…>) are taken out and reported. JSON in
/// its place is SwarmUI's, Fooocus' or Easy Diffusion's.
Recipe from_parameters(const std::string& block);
Recipe from_swarmui(const nlohmann::json& object);         ///< that has `sui_image_params`
Recipe from_fooocus(const nlohmann::json& object);         ///< that has `base_model`
Recipe from_easy_diffusion(const nlohmann::json& object);  ///< that has `num_inference_steps`

/// Easy Diffusion's PNG, in which every setting is a text.
Recipe from_easy_diffusion_texts(const PictureTexts& texts);

/// NovelAI: `Comment` and others. Nothing if that is a comment of somebody else's.
Recipe from_novelai(const PictureTexts& texts);

/// ComfyUI's `prompt`: a graph {id: {class_type, inputs: {name: value or [id, slot]}}}. It is read
/// backwards, from the picture that is saved to the first sampler. Prompts become syntax webui.
/// Where an input picture is changed with denoise below 1, `steps` is what makes velatura do as
/// many steps as ComfyUI did.
Recipe from_comfyui(const std::string& graph);

/// InvokeAI 3 and later: `invokeai_metadata`.
Recipe from_invokeai(const std::string& metadata);

/// InvokeAI 1, then called dream: `Dream`, a command line.
Recipe from_dream(const std::string& line);

/// InvokeAI 2: `sd-metadata`. What stands in [brackets] in its prompt is the negative prompt.
Recipe from_invokeai_2(const std::string& metadata);

}  // namespace velatura::recipe
