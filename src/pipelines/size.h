#pragma once

namespace velatura::pipelines {

/// Of a picture, in pixels.
struct Size {
  int width, height;
};

}  // namespace velatura::pipelines
