#include "weights/single_file.h"

#include "weights/safetensors.h"

namespace velatura::weights {

ModelFiles open_single_file(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  throw InputError(path.string() + ": single files are not supported yet");
}

}  // namespace velatura::weights
