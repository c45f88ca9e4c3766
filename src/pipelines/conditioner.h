#pragma once

#include "pipelines/conditioning.h"
#include "pipelines/size.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// Turns what a request says into what the backbone is told. May run networks of its own.
class Conditioner {
 public:
  virtual ~Conditioner() = default;
  /// @param size      of the pictures that are decoded
  /// @param progress  what to report: first_image and images are taken from it
  /// @throws UsageError naming the option that cannot be carried out
  virtual PromptConditioning encode(const PictureRequest& request, Size size, Progress progress,
                                    Observer& observer) = 0;
};

}  // namespace velatura::pipelines
