#pragma once

#include <filesystem>

#include "velatura/request.h"

namespace velatura::cli {

/// Files of tensors that requests take and pictures leave.

/// Reads a .safetensors file with one tensor `latents`, [B, C, h, w], float32.
/// @throws InputError for any other content
Latents read_latents(const std::filesystem::path& path);

/// Writes such a file, whole or not at all. @throws OutputError
void write_latents(const std::filesystem::path& path, const Latents& latents);

/// Reads a .safetensors file with a tensor `image_embeds`, [B, D], float32, and perhaps another one like
/// it, `negative_image_embeds`. @throws InputError for any other content
ImageEmbeds read_image_embeds(const std::filesystem::path& path);

/// Writes such a file, whole or not at all. @throws OutputError
void write_image_embeds(const std::filesystem::path& path, const ImageEmbeds& embeds);

}  // namespace velatura::cli
