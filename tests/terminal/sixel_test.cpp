#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "terminal/encoders.h"
#include "terminal/palette.h"
#include "terminal/pictures.h"

namespace velatura::testing {
namespace {

using terminal::Colour;
using terminal::sixel;

/// A terminal that draws sixels; what it does not know fails the test.
class SixelTerminal {
 public:
  explicit SixelTerminal(const std::string& text) : text_(text) {
    expect("\033P0;1q\"1;1;");
    image_.width = number();
    expect(";");
    image_.height = number();
    image_.pixels.resize(std::size_t{3} * image_.width * image_.height);
    drawn_.resize(std::size_t{1} * image_.width * image_.height);
    while (text_.peek() != '\033' && text_ && !::testing::Test::HasFailure()) step();
    expect("\033\\");
    EXPECT_EQ(text_.peek(), EOF);
  }

  const Image& image() const { return image_; }
  std::size_t colours() const { return palette_.size(); }

  /// Every pixel once.
  bool is_complete() const {
    return std::ranges::all_of(drawn_, [](int times) { return times == 1; });
  }

 private:
  int number() {
    int value = -1;
    text_ >> value;
    return value;
  }

  void expect(const std::string& what) {
    for (const char c : what) ASSERT_EQ(text_.get(), c) << what;
  }

  void step() {
    const auto c = static_cast<char>(text_.get());
    if (c == '#') {
      choose_colour();
    } else if (c == '!') {
      const int times = number();
      draw(static_cast<char>(text_.get()), times);
    } else if (c == '$') {
      x_ = 0;
    } else if (c == '-') {
      x_ = 0;
      y_ += 6;
    } else {
      draw(c, 1);
    }
  }

  void choose_colour() {
    const int index = number();
    ASSERT_TRUE(index >= 0 && index < 256);
    if (text_.peek() != ';') {
      ASSERT_TRUE(palette_.contains(index));
      colour_ = palette_[index];
      return;
    }
    expect(";2");
    for (auto& channel : palette_[index]) {
      expect(";");
      const int percent = number();
      ASSERT_TRUE(percent >= 0 && percent <= 100);
      channel = static_cast<std::uint8_t>((percent * 255 + 50) / 100);
    }
  }

  void draw(char column, int times) {
    ASSERT_TRUE(column >= '?' && column <= '~') << column;
    for (; times > 0; --times, ++x_) {
      for (int row = 0; row < 6; ++row) {
        if (((column - '?') >> row & 1) == 0) continue;
        ASSERT_TRUE(x_ < image_.width && y_ + row < image_.height);
        const std::size_t pixel = static_cast<std::size_t>(y_ + row) * image_.width + x_;
        std::ranges::copy(colour_, image_.pixels.begin() + static_cast<std::ptrdiff_t>(3 * pixel));
        ++drawn_[pixel];
      }
    }
  }

  std::istringstream text_;
  Image image_;
  std::vector<int> drawn_;
  std::map<int, Colour> palette_;
  Colour colour_{};
  int x_ = 0;
  int y_ = 0;
};

TEST(Sixel, DrawsFewColoursExactlyButForPercents) {
  for (const int height : {1, 5, 6, 7, 32}) {
    const Image image = patches(40, height);
    const SixelTerminal terminal(sixel(image));
    EXPECT_TRUE(terminal.is_complete()) << height;
    ASSERT_EQ(terminal.image().pixels.size(), image.pixels.size());
    EXPECT_LE(largest_difference(terminal.image(), image), 1) << height;
    EXPECT_LE(terminal.colours(), 6u);
  }
}

TEST(Sixel, DrawsManyColoursAsTheReducedPicture) {
  const Image image = noise(50, 45);
  const SixelTerminal terminal(sixel(image));
  EXPECT_TRUE(terminal.is_complete());
  EXPECT_EQ(terminal.colours(), 256u);
  const auto reduced = terminal::reduce_colours(image);
  Image expected{image.width, image.height, {}};
  for (const auto index : reduced.indices) {
    const Colour& colour = reduced.palette[index];
    expected.pixels.insert(expected.pixels.end(), colour.begin(), colour.end());
  }
  EXPECT_LE(largest_difference(terminal.image(), expected), 1);
}

TEST(Sixel, CountsRuns) {
  const Image white{9, 6, std::vector<std::uint8_t>(9 * 6 * 3, 255)};
  EXPECT_EQ(sixel(white), "\033P0;1q\"1;1;9;6#0;2;100;100;100#0!9~\033\\");
  const Image narrow{3, 2, std::vector<std::uint8_t>(3 * 2 * 3, 0)};
  EXPECT_EQ(sixel(narrow), "\033P0;1q\"1;1;3;2#0;2;0;0;0#0BBB\033\\");
}

}  // namespace
}  // namespace velatura::testing
