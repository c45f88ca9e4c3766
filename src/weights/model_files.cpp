#include "weights/model_files.h"

#include "weights/diffusers_folder.h"
#include "weights/single_file.h"

namespace velatura::weights {

ModelFiles open_model(const std::filesystem::path& path, const std::string& variant) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (std::filesystem::is_directory(status)) return open_diffusers_folder(path, variant);
  if (!std::filesystem::exists(status)) {
    throw InputError(path.string() + ": there is no such model folder or file");
  }
  if (!variant.empty()) {
    throw UsageError("--variant " + variant + ": " + path.string() +
                     " is a single file; only folders have variants");
  }
  return open_single_file(path);
}

}  // namespace velatura::weights
