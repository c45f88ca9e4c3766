#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "pipelines/control_model.h"
#include "pipelines/denoisers/denoiser.h"

namespace velatura::pipelines {

/// One network that steers a run.
struct Control {
  std::shared_ptr<const ControlModel> model;
  at::Tensor hint;     ///< [B, C, H, W] 0 … 1 float32, of the whole picture
  double scale = 1.0;  ///< of all it adds
  double start = 0.0;  ///< share of the run's model calls after which it begins
  double end = 1.0;    ///< and by which it ends

  /// Whether it is at work in the whole of that call.
  bool acts(std::size_t step, std::size_t steps) const {
    const auto share = [steps](std::size_t i) {
      return static_cast<double>(i) / static_cast<double>(steps);
    };
    return scale != 0.0 && !(share(step) < start || share(step + 1) > end);
  }
};

/// All that steer one run.
struct Controls {
  std::vector<Control> all = {};
  bool guess_mode = false;
};

/// Shows networks beside the backbone what it is shown, and hands the inner denoiser what they add.
/// In guess mode, or where the first of them pools, they see the conditional half alone.
class ControlledDenoiser : public Denoiser {
 public:
  /// @param conditioning, class_label  as the backbone's
  /// @param guided  each call holds two halves, the unconditional first
  ControlledDenoiser(std::unique_ptr<Denoiser> inner, const Conditioning& conditioning,
                     std::optional<std::int64_t> class_label, Controls controls, bool guided);
  at::Tensor predict(const DenoiseCall& call) const override;

 private:
  BackboneInput input_of(const DenoiseCall& call, bool half) const;
  const HintFeatures& features_of(std::size_t control, const DenoiseCall& call, bool half) const;

  std::unique_ptr<Denoiser> inner_;
  BackboneInput told_, told_half_;  ///< but for what each call brings; the half's with guidance
  Controls controls_;
  bool guided_, guess_;
  /// Of each control: what it keeps for the run, what was last made of its hint, and for which part of it.
  struct Seen {
    std::shared_ptr<const BackboneRun> run;  ///< begun with its first call
    std::optional<Region> region;
    HintFeatures features;
  };
  mutable std::vector<Seen> seen_;
};

}  // namespace velatura::pipelines
