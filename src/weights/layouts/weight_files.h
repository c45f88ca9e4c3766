#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// The weight files of one component of a diffusers folder.
struct WeightFiles {
  std::shared_ptr<const WeightSource> source;
  std::vector<std::filesystem::path> files;
  bool variant_found = true;  ///< false: the variant asked for is not there, the plain file is
};

/// Finds and opens `STEM.safetensors`, or the shards that `STEM.safetensors.index.json` lists;
/// where neither is there the pickle, `STEM.bin` or `STEM.bin.index.json` (`pytorch_model` for
/// `model`).
/// @param stem     "diffusion_pytorch_model" or "model"
/// @param variant  `STEM.VARIANT.safetensors` or `STEM.safetensors.index.VARIANT.json` (once
///                 `STEM.safetensors.VARIANT.index.json`) are looked for first; empty: none
/// @throws InputError naming every path looked for, or what is wrong with the file found
WeightFiles open_weight_files(const std::filesystem::path& folder, const std::string& stem,
                              const std::string& variant);

}  // namespace velatura::weights
