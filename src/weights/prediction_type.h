#pragma once

#include <map>
#include <string>

#include "weights/model_family.h"

namespace velatura::weights {

struct PredictionGuess {
  std::string type;     ///< "epsilon" or "v_prediction"
  std::string warning;  ///< empty where the signals leave no doubt
};

/// What the UNet of a single file predicts. Base and 768-v models of Stable Diffusion 2.x have the
/// same shapes, so two signals are asked: `modelspec.prediction_type` or `modelspec.architecture`
/// of the file's metadata, and for 4-channel 2.x models the standard deviation of a late norm's
/// bias, which is above 0.09 in the v-prediction models.
PredictionGuess guess_prediction(const WeightSource& file, const ModelFamily& family,
                                 const std::map<std::string, std::string>& metadata);

}  // namespace velatura::weights
