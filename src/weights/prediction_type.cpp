#include "weights/prediction_type.h"

#include <ATen/ops/std.h>

#include <optional>

namespace velatura::weights {
namespace {

constexpr const char* kEpsilon = "epsilon";
constexpr const char* kV = "v_prediction";
constexpr const char* kLateBias =
    "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias";
constexpr double kThreshold = 0.09;

struct Signal {
  std::string type;
  std::string reason;
};

std::optional<Signal> from_metadata(const std::map<std::string, std::string>& metadata) {
  const auto value = [&](const std::string& key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? "" : found->second;
  };
  const std::string prediction = value("modelspec.prediction_type");
  const std::string reason = "its metadata says modelspec.prediction_type ";
  if (prediction == "epsilon") return Signal{kEpsilon, reason + prediction};
  if (prediction == "v" || prediction == kV) return Signal{kV, reason + prediction};
  const std::string architecture = value("modelspec.architecture");
  const std::string other_reason = "its metadata says modelspec.architecture " + architecture;
  if (architecture == "stable-diffusion-v2-512") return Signal{kEpsilon, other_reason};
  if (architecture == "stable-diffusion-v2-768-v") return Signal{kV, other_reason};
  return std::nullopt;
}

std::optional<Signal> from_weights(const WeightSource& file) {
  const auto info = file.find(kLateBias);
  if (!info || !at::isFloatingType(info->dtype)) return std::nullopt;
  const double deviation = file.load(kLateBias).to(at::kDouble).std().item<double>();
  std::string text = std::to_string(deviation);
  text.resize(5);
  return Signal{
      deviation > kThreshold ? kV : kEpsilon,
      "the spread of " + std::string(kLateBias) + " is " + text + " (above 0.09 speaks for v)"};
}

}  // namespace

PredictionGuess guess_prediction(const WeightSource& file, const ModelFamily& family,
                                 const std::map<std::string, std::string>& metadata) {
  const auto told = from_metadata(metadata);
  if (family.configs == "stable-diffusion-x4-upscaler") return {told ? told->type : kV, ""};
  if (family.configs != "stable-diffusion-2" || family.in_channels != 4) {
    return {told ? told->type : kEpsilon, ""};
  }
  const auto measured = from_weights(file);
  const std::string remedy = "; --prediction epsilon or --prediction v_prediction decides";
  if (!told && !measured) {
    return {kEpsilon,
            "it cannot be told whether the model predicts epsilon or v, taking epsilon" + remedy};
  }
  if (!told) return {measured->type, ""};
  if (measured && measured->type != told->type) {
    return {told->type,
            told->reason + ", but " + measured->reason + ": taking " + told->type + remedy};
  }
  return {told->type, ""};
}

}  // namespace velatura::weights
