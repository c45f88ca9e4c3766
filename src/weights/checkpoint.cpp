#include "weights/checkpoint.h"

#include "weights/safetensors.h"

namespace velatura::weights {

Checkpoint open_checkpoint(const std::filesystem::path& path) {
  const auto file = std::make_shared<SafetensorsFile>(path);
  return {file, {file->metadata().begin(), file->metadata().end()}};
}

}  // namespace velatura::weights
