#pragma once

#include <filesystem>
#include <functional>

#include "cli/picture_command.h"

namespace velatura::testing {

/// Commands on a picture `out.png` with a receipt; models are found there by their names.
class ReceiptedPicture : public PictureCommand {
 protected:
  static std::map<std::string, std::string> models_by_name() {
    return {{"VELATURA_DATA", VELATURA_FIXTURES "/models"}};
  }

  Outcome of_receipt(const std::string& command, const std::vector<std::string>& options,
                     const std::map<std::string, std::string>& environment = {}) const {
    Child child{.arguments = {command}, .environment = models_by_name(), .folder = folder_.path()};
    child.environment.insert(environment.begin(), environment.end());
    child.arguments.insert(child.arguments.end(), options.begin(), options.end());
    child.arguments.insert(child.arguments.end(),
                           {"--device", "cpu", "--threads", "1", "--no-progress"});
    return run_velatura(child);
  }

  /// Writes the picture with another receipt.
  void rewrite(const std::function<void(nlohmann::json&)>& change) const {
    Metadata metadata = read_metadata(folder_ / "out.png");
    nlohmann::json changed = receipt();
    change(changed);
    metadata.receipt = changed.dump();
    write_image(folder_ / "out.png", read_image(folder_ / "out.png"), metadata);
  }

  /// A model of the same name and shapes as the tiny one, with other weights.
  std::string another_tiny() const {
    namespace fs = std::filesystem;
    const fs::path copy = folder_.path() / "other/tiny";
    fs::create_directories(copy.parent_path());
    fs::copy(kTinyModel, copy, fs::copy_options::recursive);
    const fs::path file = copy / "unet/diffusion_pytorch_model.safetensors";
    std::string weights = file_text(file);
    std::fill(weights.end() - static_cast<std::ptrdiff_t>(weights.size() / 4), weights.end(), '\0');
    write_text(file, weights);
    return copy.string();
  }
};

}  // namespace velatura::testing
