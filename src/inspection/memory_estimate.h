#pragma once

#include <ATen/core/ScalarType.h>

#include <cstdint>
#include <optional>

#include "models/unet/config.h"
#include "models/vae/config.h"
#include "velatura/generator.h"
#include "weights/layouts/prior_files.h"

namespace velatura::inspection {

/// What of a model its need of memory depends on.
struct ModelSize {
  std::int64_t parameters;  ///< of the networks that work in the run's dtype
  std::int64_t largest;     ///< of the largest of them
  std::int64_t vae_parameters;
  std::int64_t
      depth_parameters;  ///< of a depth estimator, which works in float32; 0: there is none
  /// Of networks that are there by themselves before the others begin to work, of the largest.
  std::int64_t passing_parameters = 0;
  models::UNetConfig unet;
  models::VaeConfig vae;  ///< of a MoVQ what it has in common with one
};

/// From configs and headers. @throws InputError as ModelFiles::part() for a model without a VAE
ModelSize size_of(const weights::ModelFiles& files, const weights::PriorFiles& prior = {});

/// A model with a refiner beside it.
ModelSize with_refiner(ModelSize model, const ModelSize& refiner);

/// What is made at once.
struct PictureWork {
  std::int64_t height, width;  ///< of the pictures that are decoded, pixels
  int pictures = 1;            ///< denoised together
  bool guided = true;
  std::int64_t unet_tile = 0;          ///< side in latents of what the UNet sees at once; 0: all
  std::optional<int> vae_tile = {};    ///< as ModelOptions::vae_tile
  std::int64_t parameters_beside = 0;  ///< of networks beside the model: controls, image encoder
};

/// The dtypes of a run.
struct Precision {
  at::ScalarType dtype, vae_dtype;
  bool int8_weights = false;  ///< as Placement's
};

/// Bytes that are needed at the peak.
struct MemoryNeed {
  std::int64_t weights;
  std::int64_t work;  ///< beside them, the program itself not counted
};

/// Of the program without any model.
inline constexpr std::int64_t kProgramBytes = std::int64_t{300} << 20;

/// What making pictures takes. The peak is either in the VAE's decoder, where a layer as wide as
/// its second level works at the tile's full size and three such layers live (12 bytes an element in
/// float32, 10 in half precision, of which parts are float32), or in the UNet, whose skips and
/// the widest of its blocks are alive, or where the finished picture is rounded and stored. Within
/// 6 % of what was measured on the CPU, the program included, for Stable Diffusion 1.5 at 256² and
/// 512² and for the x4 upscaler.
MemoryNeed estimate_memory(const ModelSize& model, const PictureWork& work, Precision precision);

/// How to make it on a device: as asked, else the first that fits its free memory, by layers if nothing
/// else does. @throws UsageError for something else than none on the CPU
Offload settle_offload(Offload asked, at::Device device, const ModelSize& model,
                       const PictureWork& work, Precision precision);

/// What is needed of a GPU's memory where some of the weights are elsewhere.
MemoryNeed offloaded_need(const ModelSize& model, const PictureWork& work, Precision precision,
                          Offload offload);

/// Bytes that a process needs at its peak on the CPU, by the dtype that is asked for.
struct PeakMemory {
  std::int64_t float32, bfloat16, int8;
};

/// For one guided picture of a size in pixels.
PeakMemory peak_memory(const ModelSize& model, std::int64_t size);

}  // namespace velatura::inspection
