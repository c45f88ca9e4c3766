#include "cli/report/contact_sheet.h"

#include <algorithm>
#include <cmath>

namespace velatura::cli {

Image contact_sheet(std::span<const Image> pictures) {
  const auto count = static_cast<int>(pictures.size());
  const int columns = static_cast<int>(std::ceil(std::sqrt(count)));
  const int rows = (count + columns - 1) / columns;
  const int cell_width = std::ranges::max(pictures, {}, &Image::width).width;
  const int cell_height = std::ranges::max(pictures, {}, &Image::height).height;
  Image sheet{columns * cell_width, rows * cell_height, {}};
  sheet.pixels.resize(std::size_t{3} * sheet.width * sheet.height);
  for (int i = 0; i < count; ++i) {
    const Image& picture = pictures[i];
    const int x = i % columns * cell_width, y = i / columns * cell_height;
    for (int row = 0; row < picture.height; ++row) {
      const auto from = picture.pixels.begin() + std::ptrdiff_t{3} * row * picture.width;
      const auto to =
          sheet.pixels.begin() + std::ptrdiff_t{3} * (std::ptrdiff_t{y + row} * sheet.width + x);
      std::copy_n(from, 3 * picture.width, to);
    }
  }
  return sheet;
}

}  // namespace velatura::cli
