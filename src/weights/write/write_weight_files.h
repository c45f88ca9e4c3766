#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// Writes one component's weights into a folder as diffusers and transformers do:
/// `STEM.safetensors`, or, where that would be larger than a shard may be,
/// `STEM-00001-of-00003.safetensors` … and `STEM.safetensors.index.json`.
/// @param max_shard_size  bytes of tensor data; a larger tensor gets a shard of its own
/// @param on_written      called after each tensor; what it throws ends the work
/// @throws OutputError, InputError
void write_weight_files(const std::filesystem::path& folder, const std::string& stem,
                        const WeightSource& source, std::uint64_t max_shard_size,
                        const std::function<void()>& on_written);

}  // namespace velatura::weights
