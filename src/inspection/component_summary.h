#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "weights/layouts/model_files.h"
#include "weights/sources/key_comparison.h"

namespace velatura::inspection {

/// How many elements a source has, by the dtype that they are stored in.
std::map<std::string, std::int64_t> elements_by_dtype(const weights::WeightSource& source);

/// A network of a model.
struct ComponentSummary {
  std::string name;                            ///< "unet", "vae", "text_encoder", "depth_estimator"
  std::string class_name;                      ///< diffusers' or transformers' class
  std::int64_t parameters = 0;                 ///< that are stored
  std::map<std::string, std::int64_t> dtypes;  ///< parameters stored in each
  weights::KeyComparison keys;                 ///< with what the config asks for
};

/// Builds the network that its config describes, without weights.
/// @throws InputError for a config that is not supported
ComponentSummary summarise_component(const weights::Part& part);

}  // namespace velatura::inspection
