#pragma once

#include <filesystem>

#include "velatura/request.h"

namespace velatura::cli {

/// Reads a .safetensors file with one tensor `latents`, [B, C, h, w], float32.
/// @throws InputError for any other content
Latents read_latents(const std::filesystem::path& path);

/// Writes such a file, whole or not at all. @throws OutputError
void write_latents(const std::filesystem::path& path, const Latents& latents);

}  // namespace velatura::cli
