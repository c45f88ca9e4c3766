#include "weights/layouts/model_spec.h"

#include "weights/layouts/model_family.h"

namespace velatura::weights {
namespace {

std::string architecture(const ModelFamily& family, bool v_prediction) {
  if (family.configs == "stable-diffusion-x4-upscaler") return family.configs;
  const bool second = family.configs == "stable-diffusion-2";
  const std::string version = second ? "stable-diffusion-v2" : "stable-diffusion-v1";
  switch (family.in_channels) {
    case 5:
      return version + "-depth";
    case 9:
      return version + "-inpainting";
    default:
      return second ? version + (v_prediction ? "-768-v" : "-512") : version;
  }
}

// "512x512"; empty where the configs do not say it.
std::string resolution(const ModelFiles& files) {
  const auto& unet = files.unet.config.json();
  if (!unet.contains("sample_size") || !unet.at("sample_size").is_number_integer()) return "";
  const auto levels = files.vae.config.json().at("block_out_channels").size();
  const std::string side =
      std::to_string(unet.at("sample_size").get<std::int64_t>() << (levels - 1));
  return side + "x" + side;
}

}  // namespace

std::map<std::string, std::string> model_spec(const ModelFiles& files, const std::string& title) {
  const ModelFamily family = *require_unet(files.unet.weights).family;
  const bool v_prediction =
      files.scheduler.json().value("prediction_type", "epsilon") == "v_prediction";
  auto metadata = files.metadata;
  metadata.erase("modelspec.hash_sha256");  // of tensors that may have become others
  metadata["modelspec.sai_model_spec"] = "1.0.0";
  metadata["modelspec.architecture"] = architecture(family, v_prediction);
  metadata["modelspec.prediction_type"] = v_prediction ? "v" : "epsilon";
  metadata.emplace("modelspec.implementation",
                   family.configs == "stable-diffusion-1"
                       ? "https://github.com/CompVis/stable-diffusion"
                       : "https://github.com/Stability-AI/stablediffusion");
  metadata.emplace("modelspec.title", title);
  if (const auto size = resolution(files); !size.empty()) {
    metadata.emplace("modelspec.resolution", size);
  }
  metadata.emplace("format", "pt");
  return metadata;
}

}  // namespace velatura::weights
