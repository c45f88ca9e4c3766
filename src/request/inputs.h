#pragma once

#include <string>

#include "velatura/image.h"
#include "velatura/request.h"

namespace velatura::request {

/// Where the pictures, latents and embeddings come from that a request names. Whoever lets strangers ask
/// decides here what a name may be.
class Inputs {
 public:
  virtual ~Inputs() = default;

  /// @param field  that names it, for messages
  /// @throws InputError, UsageError
  virtual Image image(const std::string& field, const std::string& name) = 0;
  virtual GrayImage gray_image(const std::string& field, const std::string& name) = 0;
  virtual Latents latents(const std::string& field, const std::string& name) = 0;
  virtual ImageEmbeds image_embeds(const std::string& field, const std::string& name) = 0;

  /// Whether a text, which may also be only that, names a picture.
  virtual bool names_image(const std::string& text) = 0;
};

}  // namespace velatura::request
