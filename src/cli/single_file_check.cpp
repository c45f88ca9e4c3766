#include "cli/single_file_check.h"

#include "models/clip_text/config.h"
#include "models/dpt/config.h"
#include "models/unet/config.h"
#include "models/vae/config.h"

namespace velatura::cli {
namespace {

// The settings that both configs name, with different values.
std::string differences(const nlohmann::json& model, const nlohmann::json& read) {
  std::string text;
  for (const auto& [key, value] : read.items()) {
    if (key == "sample_size" || !model.contains(key) || model.at(key) == value) continue;
    text += (text.empty() ? ": " : ", ") + key + " is " + model.at(key).dump() + ", not " +
            value.dump();
  }
  return text;
}

template <class Config>
void check(const std::string& part, const ConfigObject& model, const ConfigObject& read) {
  // The size trained on changes nothing in what is computed.
  const auto settings = [](const ConfigObject& config) {
    return Config::read(config.json().contains("sample_size") ? config.with("sample_size", 64)
                                                              : config);
  };
  if (settings(model) == settings(read)) return;
  throw InputError(model.where() + ": a single file cannot hold this " + part +
                   ", whose settings are not its family's" +
                   differences(model.json(), read.json()));
}

}  // namespace

void check_comes_back(const weights::ModelFiles& model, const weights::ModelFiles& read) {
  check<models::UNetConfig>("UNet", model.unet.config, read.unet.config);
  check<models::VaeConfig>("VAE", model.vae.config, read.vae.config);
  check<models::ClipTextConfig>("text encoder", model.text_encoder.config,
                                read.text_encoder.config);
  if (model.depth_estimator) {
    check<models::DptConfig>("depth estimator", model.depth_estimator->network.config,
                             read.depth_estimator->network.config);
  }
  const auto prediction = [](const weights::ModelFiles& files) {
    return files.scheduler.json().value("prediction_type", "epsilon");
  };
  if (prediction(model) != prediction(read)) {
    throw InputError(model.scheduler.where() +
                     ": a single file cannot say that the model predicts " + prediction(model));
  }
}

std::string lost_settings(const weights::ModelFiles& model, const weights::ModelFiles& read) {
  const auto& had = model.scheduler.json();
  const auto& will_have = read.scheduler.json();
  std::string text;
  for (const char* key : {"beta_start", "beta_end", "beta_schedule", "num_train_timesteps",
                          "trained_betas", "rescale_betas_zero_snr"}) {
    const auto value = had.value(key, nlohmann::json());
    const bool usual = value.is_null() || value == false;
    if (usual || value == will_have.value(key, nlohmann::json())) continue;
    text += (text.empty() ? "" : ", ") + std::string(key) + " " + value.dump();
  }
  return text;
}

}  // namespace velatura::cli
