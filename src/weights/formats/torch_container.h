#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "weights/formats/pickle.h"

namespace velatura::weights {

/// What a file of torch.save holds: an object, and the storages that its tensors lie in.
struct TorchContent {
  Pickle object;
  std::map<std::string, std::span<const std::byte>, std::less<>> storages;  ///< by key
};

/// Reads a zip archive as torch.save writes it since PyTorch 1.6: `DIR/data.pkl`, `DIR/data/KEY`.
/// @throws InputError
TorchContent read_torch_zip(std::span<const std::byte> file, const std::string& where);

/// Reads the form before it: pickles of a magic number, a version, the machine's properties, the
/// object and the storages' keys; then each storage's length and elements. @throws InputError
TorchContent read_torch_legacy(std::span<const std::byte> file, const std::string& where);

}  // namespace velatura::weights
