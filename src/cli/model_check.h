#pragma once

#include <optional>

#include "inspection/memory_estimate.h"
#include "velatura/generator.h"
#include "velatura/request.h"

namespace velatura::cli {

/// What can be known of a job from its model's configs and headers before anything is loaded.
class ModelCheck {
 public:
  /// @param force  also begin what memory does not seem to be enough for
  explicit ModelCheck(bool force) : force_(force) {}

  /// @param machine     with the paths of model and VAE
  /// @param batch_size  pictures that may be denoised together
  /// @param is_loaded   the model's weights are in memory already
  /// @throws InputError for a model that cannot be opened or has no VAE; ResourceError if more
  ///         memory is needed than the device has free
  void check(const ModelOptions& machine, const Request& request, int batch_size,
             bool is_loaded = false);

 private:
  const inspection::ModelSize& size_of(const ModelOptions& machine);

  bool force_;
  ModelOptions opened_;  ///< whose size this is:
  std::optional<inspection::ModelSize> size_;
};

}  // namespace velatura::cli
