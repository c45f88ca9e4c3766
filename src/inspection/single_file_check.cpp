#include "inspection/single_file_check.h"

#include "models/catalogue.h"

namespace velatura::inspection {
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

// Of CLIP's vocabulary where a config does not say; the last one is a text's end.
constexpr std::int64_t kClipTokens = 49408;

// In the words of the families' configs what changes nothing in what is computed: the size trained on, and
// that a text's end is the last token of the vocabulary, for which old configs have 2.
ConfigObject comparable(const weights::Part& part) {
  ConfigObject config = part.config;
  if (config.json().contains("sample_size")) return config.with("sample_size", 64);
  const bool names_the_last =
      part.class_name.starts_with("CLIPTextModel") &&
      config.get("eos_token_id", kClipTokens - 1) == config.get("vocab_size", kClipTokens) - 1;
  return names_the_last ? config.with("eos_token_id", 2) : config;
}

void check(const weights::Part& model, const weights::Part& read) {
  if (models::same_network(model.class_name, comparable(model), comparable(read))) {
    return;
  }
  throw InputError(model.config.where() + ": a single file cannot hold this " +
                   weights::in_words(model.role) + ", whose settings are not its family's" +
                   differences(model.config.json(), read.config.json()));
}

}  // namespace

void check_comes_back(const weights::ModelFiles& model, const weights::ModelFiles& read) {
  for (const weights::Part& part : model.parts) check(part, read.part(part.role));
  const auto prediction = [](const weights::ModelFiles& files) {
    return files.config("scheduler").json().value("prediction_type", "epsilon");
  };
  if (prediction(model) != prediction(read)) {
    throw InputError(model.config("scheduler").where() +
                     ": a single file cannot say that the model predicts " + prediction(model));
  }
}

std::string lost_settings(const weights::ModelFiles& model, const weights::ModelFiles& read) {
  const auto& had = model.config("scheduler").json();
  const auto& will_have = read.config("scheduler").json();
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

}  // namespace velatura::inspection
