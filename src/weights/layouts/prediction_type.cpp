#include "weights/layouts/prediction_type.h"

#include <ATen/ops/std.h>

#include <algorithm>
#include <array>

#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

constexpr const char* kEpsilon = "epsilon";
constexpr const char* kV = "v_prediction";
constexpr const char* kLateBias =
    "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
constexpr double kThreshold = 0.09;

struct Asked {
  const WeightSource& file;
  const Family& family;
  const std::map<std::string, std::string>& metadata;
  const std::optional<OriginalConfig>& config;
};

struct Meaning {
  const char *key, *value, *type;
};
constexpr auto kMetadata = std::to_array<Meaning>({
    {"modelspec.prediction_type", "epsilon", kEpsilon},
    {"modelspec.prediction_type", "v", kV},
    {"modelspec.prediction_type", kV, kV},
    {"modelspec.prediction_type", "sample", "sample"},
    {"ss_v_parameterization", "True", kV},
    {"ss_v_parameterization", "False", kEpsilon},
    {"modelspec.architecture", "stable-diffusion-v2-512", kEpsilon},
    {"modelspec.architecture", "stable-diffusion-v2-768-v", kV},
});

std::vector<PredictionSignal> from_metadata(const Asked& asked) {
  std::vector<PredictionSignal> signals;
  for (const Meaning& meaning : kMetadata) {
    const auto found = asked.metadata.find(meaning.key);
    if (found == asked.metadata.end() || found->second != meaning.value) continue;
    signals.push_back(
        {meaning.type, std::string("its metadata says ") + meaning.key + " " + meaning.value});
  }
  return signals;
}

std::vector<PredictionSignal> from_config(const Asked& asked) {
  if (!asked.config) return {};
  return {{asked.config->prediction_type,
           asked.config->where + " says parameterization " + asked.config->prediction_type}};
}

std::vector<PredictionSignal> from_weights(const Asked& asked) {
  const auto info = asked.file.find(kLateBias);
  if (!asked.family.has_v_twins || !info || !at::isFloatingType(info->dtype)) return {};
  const double deviation = asked.file.load(kLateBias).to(at::kDouble).std().item<double>();
  std::string text = std::to_string(deviation);
  text.resize(5);
  return {
      {deviation > kThreshold ? kV : kEpsilon,
       "the spread of " + std::string(kLateBias) + " is " + text + " (above 0.09 speaks for v)"}};
}

constexpr std::array kSignals{from_metadata, from_config, from_weights};

std::string warning_about(const std::vector<PredictionSignal>& signals) {
  const bool agree = std::all_of(signals.begin(), signals.end(), [&](const auto& signal) {
    return signal.type == signals.front().type;
  });
  if (agree) return "";
  std::string text;
  for (const PredictionSignal& signal : signals) {
    text += (text.empty() ? "" : ", but ") + signal.reason;
    text += " (" + signal.type + ")";
  }
  return text + ": taking " + signals.front().type;
}

}  // namespace

PredictionGuess guess_prediction(const WeightSource& file, const Family& family,
                                 const std::map<std::string, std::string>& metadata,
                                 const std::optional<OriginalConfig>& config) {
  PredictionGuess guess;
  for (const auto& ask : kSignals) {
    for (PredictionSignal& signal : ask({file, family, metadata, config})) {
      guess.signals.push_back(std::move(signal));
    }
  }
  if (guess.signals.empty()) {
    const std::string usual(family.usual_prediction);
    guess.signals = {{usual, "nothing in the file says it, and " + std::string(family.name) +
                                 " models usually predict " + usual}};
    if (family.has_v_twins) {
      guess.warning = "it cannot be told whether the model predicts epsilon or v, taking " + usual;
    }
  } else {
    guess.warning = warning_about(guess.signals);
  }
  guess.type = guess.signals.front().type;
  if (!guess.warning.empty()) {
    guess.warning += "; --prediction epsilon or --prediction v_prediction decides";
  }
  return guess;
}

}  // namespace velatura::weights
