#include "weights/layouts/model_files.h"

#include "weights/layouts/diffusers_folder.h"
#include "weights/layouts/single_file.h"

namespace velatura::weights {

ModelFiles open_model(const std::filesystem::path& path, const OpenOptions& options) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (std::filesystem::is_directory(status)) {
    if (options.ema) {
      throw UsageError("--ema: " + path.string() +
                       " is a diffusers folder, whose plain files hold the EMA weights already "
                       "where there are others (--variant non_ema)");
    }
    return open_diffusers_folder(path, options.variant);
  }
  if (!std::filesystem::exists(status)) {
    throw InputError(path.string() + ": there is no such model folder or file");
  }
  if (!options.variant.empty()) {
    throw UsageError("--variant " + options.variant + ": " + path.string() +
                     " is a single file; only folders have variants");
  }
  return open_single_file(path, options.ema);
}

}  // namespace velatura::weights
