#pragma once

#include <cstdint>
#include <string>

#include "core/device.h"
#include "velatura/image.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// The model as a receipt names it.
struct ModelIdentity {
  std::string name;  ///< the file's stem or the folder's name
  std::string hash;  ///< sha256 of the UNet's weight file, 64 hex digits
  std::string vae;   ///< name of a VAE used instead of the model's own; else empty
  std::string vae_dtype;  ///< what the VAE decoded in
};

/// The sampler as it was really used, options and the model's config taken together.
struct SamplerUsed {
  Sampler sampler;
  Schedule schedule;
  TimestepSpacing timestep_spacing;
  Prediction prediction;
  double eta;
};

/// The text blocks of one picture: what web UIs read, and a JSON object from which the run can be
/// repeated.
Metadata make_metadata(const TextToImage& request, int width, int height, std::uint64_t seed,
                       const ModelIdentity& model, const SamplerUsed& sampler,
                       const Placement& placement);

}  // namespace velatura::pipelines
