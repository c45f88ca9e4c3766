#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace velatura::weights {

/// What a file that should have held weights or JSON is instead, and what to do about it, as the
/// rest of a message ("is a GGUF file, …"); nothing if its first 4096 bytes tell nothing.
std::optional<std::string> foreign_content(std::span<const std::byte> file);

/// Whether single files of whole models have such names: `X.safetensors`, `X.ckpt`.
bool is_checkpoint_name(const std::filesystem::path& name);

}  // namespace velatura::weights
