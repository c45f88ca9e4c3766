#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipelines/backbone.h"
#include "velatura/progress.h"

namespace velatura::pipelines {

/// What tasks must know of a network that steers a backbone.
struct ControlTraits {
  std::int64_t hint_channels = 3;  ///< 3: RGB; 1: grey
  std::int64_t hint_factor = 8;    ///< pixels of the hint that a latent stands for, on each side
  std::int64_t hint_multiple = 1;  ///< that the hint's sides must be of, in pixels
  bool sees_prompt = true;         ///< it can be shown the conditional half alone (guess mode)
  bool pools =
      false;  ///< it says something of the hint as a whole, and is not shown the other half
};

/// What a network makes of a hint, the same at every step: tensors of its own.
using HintFeatures = std::vector<at::Tensor>;

/// How much of what a network adds is added.
struct ControlStrength {
  double scale = 1.0;
  bool guess = false;  ///< less of what is added to finer levels, as guess mode has it
};

/// A network that is shown a hint and steers a backbone from beside it.
class ControlModel {
 public:
  virtual ~ControlModel() = default;
  virtual ControlTraits traits() const = 0;
  /// @param hint [B, hint_channels, h * hint_factor, w * hint_factor], 0 … 1
  virtual HintFeatures features(const at::Tensor& hint) const = 0;
  /// What it keeps for a run of so many model calls on that device. @return null if that gains nothing
  virtual std::shared_ptr<const BackboneRun> begin(at::Device device, std::size_t steps) const {
    (void)device, (void)steps;
    return nullptr;
  }
  /// @param input  as the backbone's, but for the run, which is from begin(); channels behind those that the
  ///               network takes are passed over
  /// @return       with a run it may be overwritten by the next call with that
  virtual Residuals residuals(const BackboneInput& input, const HintFeatures& features,
                              const ControlStrength& strength) const = 0;
  /// That its weights are at fault if something is not finite; nothing if they are not.
  virtual std::optional<InputError> fault(const std::string& when) const = 0;
};

/// The networks that can stand beside a backbone, each loaded when it is first asked for and kept.
class ControlModels {
 public:
  virtual ~ControlModels() = default;
  /// @param path  folder or file
  /// @throws InputError if it is none, or does not fit the backbone; Interrupted
  virtual std::shared_ptr<const ControlModel> at(const std::filesystem::path& path,
                                                 Observer& observer) = 0;
};

}  // namespace velatura::pipelines
