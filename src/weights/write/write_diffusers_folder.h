#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "weights/layouts/model_files.h"

namespace velatura::weights {

/// Writes a model as diffusers' save_pretrained does, but for the tokenizer: model_index.json, the
/// schedulers' and networks' configs and the weights. Parts that the model does not have (a safety
/// checker …) are declared absent.
/// @param max_shard_size  as write_weight_files() takes it
/// @param on_written      called after each tensor; what it throws ends the work
/// @throws OutputError, InputError; what was written until then stays
void write_diffusers_folder(const std::filesystem::path& folder, const ModelFiles& files,
                            std::uint64_t max_shard_size, const std::function<void()>& on_written);

}  // namespace velatura::weights
