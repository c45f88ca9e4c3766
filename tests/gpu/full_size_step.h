#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipelines/denoisers/denoiser.h"
#include "velatura/generator.h"

namespace velatura::testing {

/// One guided denoising step of a network of full size, with random weights.
class FullSizeStep {
 public:
  /// @param offload  not automatic; its weights are zeros unless it is none
  /// @param model  "sd15" at 512², also "sd15-control" with a ControlNet, "sd15-pictures" with an IP-Adapter and
  ///               "sd15-objects" with GLIGEN's; "kandinsky": 2.2's at 512²; "sdxl": a UNet of that shape at
  ///               1024²
  FullSizeStep(const std::string& model, at::Device device, at::ScalarType dtype,
               Offload offload = Offload::none);
  at::Tensor predict(std::size_t step) const;

 private:
  std::unique_ptr<pipelines::Denoiser> denoiser_;
  at::Tensor latents_;
  std::vector<double> timesteps_;
};

/// Decodes latents of 64² by a VAE of full size, with random weights.
std::function<void()> full_size_decoding(at::Device device, at::ScalarType dtype);

}  // namespace velatura::testing
