#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "terminal/encoders.h"
#include "terminal/pictures.h"

namespace velatura::testing {
namespace {

using terminal::Colours;
using terminal::half_blocks;

constexpr const char* kBlock = "\u2580";

// The picture that true-colour text shows.
Image drawn(const std::string& text) {
  static const std::regex cell(
      "(\033\\[38;2;(\\d+);(\\d+);(\\d+)(;48;2;(\\d+);(\\d+);(\\d+))?m)?\u2580|\033\\[0m$");
  Image image;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::uint8_t> upper, lower;
    std::vector<std::uint8_t> colours;
    std::size_t read = 0;
    for (std::sregex_iterator at(line.begin(), line.end(), cell), end; at != end; ++at) {
      read += static_cast<std::size_t>(at->length());
      if (at->str() == "\033[0m") continue;
      if ((*at)[1].matched) {
        colours.clear();
        for (const int group : {2, 3, 4, 6, 7, 8}) {
          if ((*at)[group].matched) {
            colours.push_back(static_cast<std::uint8_t>(std::stoi((*at)[group])));
          }
        }
      }
      upper.insert(upper.end(), colours.begin(), colours.begin() + 3);
      lower.insert(lower.end(), colours.begin() + 3, colours.end());
    }
    EXPECT_EQ(read, line.size()) << line;
    EXPECT_TRUE(line.ends_with("\033[0m"));
    image.width = static_cast<int>(upper.size() / 3);
    image.pixels.insert(image.pixels.end(), upper.begin(), upper.end());
    image.pixels.insert(image.pixels.end(), lower.begin(), lower.end());
  }
  image.height = static_cast<int>(image.pixels.size() / 3) / image.width;
  return image;
}

TEST(HalfBlocks, AreTwoPixelsACharacter) {
  for (const Image& image : {noise(11, 8), noise(11, 7), noise(1, 1), patches(40, 20)}) {
    const Image shown = drawn(half_blocks(image, Colours::true_colour));
    EXPECT_EQ(shown.width, image.width);
    EXPECT_EQ(shown.height, image.height);
    EXPECT_EQ(shown.pixels, image.pixels);
  }
}

TEST(HalfBlocks, SayAColourOnlyWhereItChanges) {
  const Image red{2, 2, {255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0}};
  EXPECT_EQ(half_blocks(red, Colours::true_colour),
            std::string("\033[38;2;255;0;0;48;2;255;0;0m") + kBlock + kBlock + "\033[0m");
}

// The colours of one character above one another.
std::string in_palette(const std::vector<std::uint8_t>& pixels) {
  const std::string text = half_blocks({1, 2, pixels}, Colours::palette_256);
  return text.substr(0, text.find('m'));
}

TEST(HalfBlocks, TakeTheNearestOf256Colours) {
  EXPECT_EQ(in_palette({255, 0, 0, 0, 0, 255}), "\033[38;5;196;48;5;21");
  EXPECT_EQ(in_palette({0, 0, 0, 255, 255, 255}), "\033[38;5;16;48;5;231");
  EXPECT_EQ(in_palette({95, 135, 175, 90, 140, 170}), "\033[38;5;67;48;5;67");
  EXPECT_EQ(in_palette({8, 8, 8, 128, 128, 128}), "\033[38;5;232;48;5;244");
  EXPECT_EQ(in_palette({238, 238, 238, 120, 118, 119}), "\033[38;5;255;48;5;243");
}

}  // namespace
}  // namespace velatura::testing
