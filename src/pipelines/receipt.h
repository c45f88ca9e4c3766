#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/device.h"
#include "pipelines/size.h"
#include "request/record.h"
#include "samplers/make_plan.h"
#include "velatura/image.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// The model as a receipt names it.
struct ModelIdentity {
  std::string name;               ///< the file's stem or the folder's name
  std::string hash = {};          ///< sha256 of the UNet's weight file, 64 hex digits
  std::string vae = {};           ///< name of a VAE used instead of the model's own; else empty
  std::string refiner = {};       ///< name of the refiner; else empty
  std::string refiner_hash = {};  ///< sha256 of its UNet's weight file
  std::string prior = {};         ///< name of the prior; else empty
  std::string prior_hash = {};    ///< sha256 of its network's weight file
  bool ema = false;               ///< the UNet is the running average that training kept
};

/// The sampler as it was really used, options and the model's config taken together.
struct SamplerUsed {
  Sampler sampler;
  Schedule schedule;
  TimestepSpacing timestep_spacing;
  Prediction prediction;
  double eta;
};

SamplerUsed used(const samplers::SamplerChoice& choice);

/// The VAE as it really worked.
struct VaeUsed {
  at::ScalarType dtype;
  std::int64_t tile;  ///< side in pixels; 0: whole pictures
};

/// A LoRA, an embedding, a ControlNet or the like.
struct AdapterUsed {
  std::string option;            ///< "lora"
  std::string name;              ///< of its file or folder, as the settings have it
  std::string sha256;            ///< of its weights, 64 hex digits
  std::string web_ui_hash = {};  ///< as web UIs name it; empty: they do not
};

/// How one picture was made, beside what the request says.
struct Run {
  int width, height;
  std::uint64_t seed;
  ModelIdentity model;
  SamplerUsed sampler;
  Placement placement;
  VaeUsed vae;
  std::vector<AdapterUsed> adapters = {};  ///< in the order of their options
  std::string pixels = {};  ///< sha256 of the finished picture's RGB bytes, 64 hex digits
};

using TaskRecord = request::Record;
using request::record_of;

/// What a receipt says of what was asked for, sizes and sampler as they are used, in its order.
nlohmann::ordered_json settings_record(const TaskRecord& record, std::uint64_t seed,
                                       const Size& size, const SamplerUsed& sampler);

/// The text blocks of one picture: what web UIs read, and a JSON object from which the run can be
/// repeated.
Metadata make_metadata(const PictureRequest& request, const TaskRecord& record, const Run& run);

}  // namespace velatura::pipelines
