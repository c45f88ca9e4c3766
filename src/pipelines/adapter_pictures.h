#pragma once

#include <vector>

#include "velatura/request.h"

namespace velatura::pipelines {

/// An IP-Adapter of a request with all pictures that it is shown.
struct AdapterPictures {
  const PicturePrompt& adapter;  ///< whose picture is the first
  std::vector<const Image*> images;
};

/// @throws UsageError for pictures before any adapter
std::vector<AdapterPictures> adapter_pictures(const PictureRequest& request);

}  // namespace velatura::pipelines
