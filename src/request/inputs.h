#pragma once

#include <string>

#include "velatura/image.h"
#include "velatura/request.h"

namespace velatura::request {

/// Where the pictures and latents come from that a request names. Whoever lets strangers ask
/// decides here what a name may be.
class Inputs {
 public:
  virtual ~Inputs() = default;

  /// @param field  that names it, for messages
  /// @throws InputError, UsageError
  virtual Image image(const std::string& field, const std::string& name) = 0;
  virtual GrayImage gray_image(const std::string& field, const std::string& name) = 0;
  virtual Latents latents(const std::string& field, const std::string& name) = 0;
};

}  // namespace velatura::request
