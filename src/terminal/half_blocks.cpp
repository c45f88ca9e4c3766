#include <array>
#include <cstdlib>

#include "terminal/encoders.h"
#include "terminal/palette.h"

namespace velatura::terminal {
namespace {

constexpr const char* kUpperHalf = "\u2580";
constexpr const char* kPlain = "\033[0m";

// xterm's 256 colours: a cube at 16, greys from 8 to 238 at 232.
constexpr std::array<int, 6> kCubeLevels{0, 95, 135, 175, 215, 255};

int nearest_level(int value) {
  int best = 0;
  for (int i = 1; i < 6; ++i) {
    if (std::abs(kCubeLevels[i] - value) < std::abs(kCubeLevels[best] - value)) best = i;
  }
  return best;
}

int nearest_grey(const Colour& colour) {
  const int mean = (colour[0] + colour[1] + colour[2]) / 3;
  return mean <= 8 ? 0 : mean >= 238 ? 23 : (mean - 8 + 5) / 10;
}

int distance(const Colour& colour, const std::array<int, 3>& other) {
  int sum = 0;
  for (std::size_t c = 0; c < 3; ++c) sum += (colour[c] - other[c]) * (colour[c] - other[c]);
  return sum;
}

int palette_index(const Colour& colour) {
  const std::array<int, 3> levels{nearest_level(colour[0]), nearest_level(colour[1]),
                                  nearest_level(colour[2])};
  const int grey = nearest_grey(colour);
  const int grey_level = 8 + 10 * grey;
  const int to_cube =
      distance(colour, {kCubeLevels[levels[0]], kCubeLevels[levels[1]], kCubeLevels[levels[2]]});
  const int to_grey = distance(colour, {grey_level, grey_level, grey_level});
  return to_grey < to_cube ? 232 + grey : 16 + 36 * levels[0] + 6 * levels[1] + levels[2];
}

// What stands behind 38 (foreground) or 48 (background) in a select-graphic-rendition sequence.
std::string colour_text(const Colour& colour, Colours colours) {
  if (colours == Colours::palette_256) return ";5;" + std::to_string(palette_index(colour));
  return ";2;" + std::to_string(colour[0]) + ";" + std::to_string(colour[1]) + ";" +
         std::to_string(colour[2]);
}

}  // namespace

std::string half_blocks(const Image& image, Colours colours) {
  const auto colour_at = [&image, colours](int x, int y) {
    const auto* pixel =
        image.pixels.data() + (std::size_t{3} * y * image.width + std::size_t{3} * x);
    return colour_text({pixel[0], pixel[1], pixel[2]}, colours);
  };
  std::string text;
  for (int y = 0; y < image.height; y += 2) {
    if (y > 0) text += "\n";
    std::string current;
    for (int x = 0; x < image.width; ++x) {
      std::string cell = "\033[38" + colour_at(x, y);
      if (y + 1 < image.height) cell += ";48" + colour_at(x, y + 1);
      if (cell != current) text += cell + "m";
      current = cell;
      text += kUpperHalf;
    }
    text += kPlain;
  }
  return text;
}

}  // namespace velatura::terminal
