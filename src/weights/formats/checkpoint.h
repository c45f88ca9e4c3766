#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// One weight file, whatever its format.
struct Checkpoint {
  std::shared_ptr<const WeightSource> source;
  std::map<std::string, std::string> metadata;  ///< free text pairs; empty where a format has none
};

/// Opens a weight file by its content, not its extension; reads no tensor data. @throws InputError
Checkpoint open_checkpoint(const std::filesystem::path& path);

}  // namespace velatura::weights
