#include "weights/formats/checkpoint.h"

#include <utility>

#include "weights/formats/safetensors.h"
#include "weights/formats/torch_checkpoint.h"

namespace velatura::weights {

Checkpoint open_checkpoint(const std::filesystem::path& path) {
  auto file = MappedFile::open(path);
  if (is_torch_checkpoint(file->bytes())) {
    const auto checkpoint = std::make_shared<TorchCheckpoint>(std::move(file));
    return {checkpoint, checkpoint->metadata()};
  }
  const auto safetensors = std::make_shared<SafetensorsFile>(std::move(file));
  return {safetensors, {safetensors->metadata().begin(), safetensors->metadata().end()}};
}

}  // namespace velatura::weights
