#pragma once

#include <optional>

#include "image/overlay.h"
#include "pipelines/prepare_parts.h"

namespace velatura::pipelines {

/// The pixels of an inpainting: what the model is shown, and how its picture is put back.
struct InpaintCanvas {
  Raster scene;  ///< the picture at the size it is painted in, 3 channels
  Raster hole;   ///< the mask at that size, 1 channel, white is repainted
  bool paste;    ///< put the untouched pixels back

  /// With --mask-crop: the whole picture and mask, and the region the scene is of.
  struct Whole {
    Raster picture, mask;
    Region region;
  };
  std::optional<Whole> whole;

  /// The part of a picture of the whole canvas that the scene is, at the scene's size.
  Raster part_of(const Raster& picture) const;

  /// What becomes of the model's picture.
  Image finish(Image&& painted) const;
};

/// Extends, softens, crops and fits as the request says. @throws UsageError, InputError
InpaintCanvas make_canvas(const LatentModel& model, const Inpaint& request, Observer& observer);

}  // namespace velatura::pipelines
