#include <algorithm>
#include <map>

#include "terminal/encoders.h"
#include "terminal/palette.h"

namespace velatura::terminal {
namespace {

constexpr int kBandHeight = 6;
constexpr char kNoPixel = '?';  // a column of a band in one colour; bit i of what is above: row i

std::string palette_text(const std::vector<Colour>& palette) {
  const auto percent = [](std::uint8_t value) { return std::to_string((value * 100 + 127) / 255); };
  std::string text;
  for (std::size_t i = 0; i < palette.size(); ++i) {
    const auto& [red, green, blue] = palette[i];
    text +=
        "#" + std::to_string(i) + ";2;" + percent(red) + ";" + percent(green) + ";" + percent(blue);
  }
  return text;
}

std::string run_lengths(const std::string& columns) {
  std::string text;
  for (std::size_t begin = 0; begin < columns.size();) {
    const std::size_t end =
        std::min(columns.find_first_not_of(columns[begin], begin), columns.size());
    const std::size_t length = end - begin;
    text += length > 3 ? "!" + std::to_string(length) + columns[begin]
                       : std::string(length, columns[begin]);
    begin = end;
  }
  return text;
}

// One line of columns for each colour, written over one another.
std::string band_text(const IndexedImage& image, int top) {
  std::map<std::uint8_t, std::string> lines;
  const int bottom = std::min(top + kBandHeight, image.height);
  for (int y = top; y < bottom; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::size_t pixel = static_cast<std::size_t>(y) * image.width + x;
      std::string& line = lines[image.indices[pixel]];
      line.resize(std::max<std::size_t>(line.size(), x + 1), kNoPixel);
      line[x] = static_cast<char>(line[x] + (1 << (y - top)));
    }
  }
  std::string text;
  for (const auto& [colour, line] : lines) {
    text += (text.empty() ? "#" : "$#") + std::to_string(colour) + run_lengths(line);
  }
  return text;
}

}  // namespace

std::string sixel(const Image& image) {
  const IndexedImage indexed = reduce_colours(image);
  std::string text = "\033P0;1q\"1;1;" + std::to_string(image.width) + ";" +
                     std::to_string(image.height) + palette_text(indexed.palette);
  for (int top = 0; top < image.height; top += kBandHeight) {
    if (top > 0) text += '-';
    text += band_text(indexed, top);
  }
  return text + "\033\\";
}

}  // namespace velatura::terminal
