#pragma once

#include <string>

#include "recipe/recipe.h"

namespace velatura::recipe {

/// Each reads the text one program leaves in its pictures. @throws InputError if it is not that

/// The JSON receipt that velatura leaves (pipelines/receipt.cpp).
Recipe from_receipt(const std::string& receipt);

/// The block that stable-diffusion-webui, its forks and others that follow it write. Their prompts
/// are read with prompt syntax webui; extra networks (<lora:…>) are taken out and reported.
Recipe from_parameters(const std::string& block);

/// ComfyUI's `prompt`: a graph {id: {class_type, inputs: {name: value or [id, slot]}}}. It is read
/// backwards, from the picture that is saved to the first sampler. Prompts become syntax webui.
/// Where an input picture is changed with denoise below 1, `steps` is what makes velatura do as
/// many steps as ComfyUI did.
Recipe from_comfyui(const std::string& graph);

/// InvokeAI 3 and later: `invokeai_metadata`.
Recipe from_invokeai(const std::string& metadata);

/// InvokeAI 2: `sd-metadata`. What stands in [brackets] in its prompt is the negative prompt.
Recipe from_invokeai_2(const std::string& metadata);

}  // namespace velatura::recipe
