#pragma once

#include "pipelines/conditioning.h"
#include "pipelines/size.h"
#include "velatura/progress.h"
#include "velatura/request.h"

namespace velatura::pipelines {

/// The pictures that something is said of.
struct PictureFrame {
  Size size;                   ///< in which they are decoded
  bool from_picture = false;   ///< they begin with another one
  bool shows_picture = false;  ///< they are to show what another one shows
};

/// Turns what a request says into what the backbone is told. May run networks of its own.
class Conditioner {
 public:
  virtual ~Conditioner() = default;
  /// @param progress  what to report: first_image and images are taken from it
  /// @throws UsageError naming the option that cannot be carried out
  virtual PromptConditioning encode(const PictureRequest& request, const PictureFrame& frame,
                                    Progress progress, Observer& observer) = 0;
};

}  // namespace velatura::pipelines
