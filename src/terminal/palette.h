#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "velatura/image.h"

namespace velatura::terminal {

using Colour = std::array<std::uint8_t, 3>;

/// A picture in few colours, rows top to bottom.
struct IndexedImage {
  int width = 0;
  int height = 0;
  std::vector<Colour> palette;        ///< at most 256
  std::vector<std::uint8_t> indices;  ///< width * height
};

/// The picture in at most 256 colours: boxes of similar colours, of which the one with the largest
/// squared error is cut at its mean until there are enough. Exact where the picture has no more
/// colours than that.
IndexedImage reduce_colours(const Image& image);

}  // namespace velatura::terminal
