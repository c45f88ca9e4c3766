#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weights/layouts/family.h"
#include "weights/layouts/original_config.h"

namespace velatura::weights {

/// Something that tells what a UNet predicts.
struct PredictionSignal {
  std::string type;    ///< "epsilon", "v_prediction" or "sample"
  std::string reason;  ///< "its metadata says modelspec.prediction_type v"
};

struct PredictionGuess {
  std::string type;                       ///< what the first signal says
  std::vector<PredictionSignal> signals;  ///< best first; never empty
  std::string warning;                    ///< empty where the signals leave no doubt
};

/// What the UNet of a single file predicts. Base and 768-v models of Stable Diffusion 2.x have the
/// same shapes, so all are asked, in this order: the file's metadata (`modelspec.prediction_type`,
/// `ss_v_parameterization`, `modelspec.architecture`), the YAML config beside it, and for families
/// with `has_v_twins` the standard deviation of a late norm's bias, which is above 0.09 in the
/// v-prediction models. Where none speaks, the family's usual type is taken.
PredictionGuess guess_prediction(const WeightSource& file, const Family& family,
                                 const std::map<std::string, std::string>& metadata,
                                 const std::optional<OriginalConfig>& config = std::nullopt);

}  // namespace velatura::weights
