#pragma once

#include "velatura/generator.h"
#include "weights/layouts/model_files.h"
#include "weights/layouts/vae_folder.h"

namespace velatura {

/// The files of the model and the VAE that the options name, their headers read.
/// @throws InputError, UsageError as open_model() and open_vae()
inline weights::ModelFiles open_model_files(const ModelOptions& options) {
  weights::ModelFiles files = weights::open_model(options.model, {options.variant, options.ema});
  if (!options.vae.empty()) files.replace(weights::open_vae(options.vae, options.variant));
  return files;
}

}  // namespace velatura
