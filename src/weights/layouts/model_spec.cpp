#include "weights/layouts/model_spec.h"

#include "weights/layouts/recognition.h"

namespace velatura::weights {
namespace {

// "512x512"; empty where the configs do not say it. A model without a VAE is made for its family's.
std::string resolution(const ModelFiles& files, const Family& family) {
  const auto& unet = files.part("unet").config.json();
  if (!unet.contains("sample_size") || !unet.at("sample_size").is_number_integer()) return "";
  const Part* const vae = files.find("vae");
  const ConfigObject config =
      vae == nullptr ? family.config("vae", files.origin.string()) : vae->config;
  const auto levels = config.json().at("block_out_channels").size();
  const std::string side =
      std::to_string(unet.at("sample_size").get<std::int64_t>() << (levels - 1));
  return side + "x" + side;
}

}  // namespace

std::map<std::string, std::string> model_spec(const ModelFiles& files, const std::string& title) {
  const Family& family = require_unet(files.part("unet").weights);
  const bool v_prediction =
      files.config("scheduler").json().value("prediction_type", "epsilon") == "v_prediction";
  auto metadata = files.metadata;
  metadata.erase("modelspec.hash_sha256");  // of tensors that may have become others
  metadata["modelspec.sai_model_spec"] = "1.0.0";
  metadata["modelspec.architecture"] =
      v_prediction && !family.v_architecture.empty() ? family.v_architecture : family.architecture;
  metadata["modelspec.prediction_type"] = v_prediction ? "v" : "epsilon";
  metadata.emplace("modelspec.implementation", family.implementation);
  metadata.emplace("modelspec.title", title);
  if (const auto size = resolution(files, family); !size.empty()) {
    metadata.emplace("modelspec.resolution", size);
  }
  metadata.emplace("format", "pt");
  return metadata;
}

}  // namespace velatura::weights
