#pragma once

#include <filesystem>
#include <string>

namespace velatura::weights {

/// What web UIs write of a LoRA: the first twelve digits of the sha256 of its tensors, without the
/// header where it is a .safetensors file. Kept as sha256_file()'s are, for as long as the process
/// lives. @throws InputError if the file cannot be read
std::string web_ui_lora_hash(const std::filesystem::path& file);

}  // namespace velatura::weights
