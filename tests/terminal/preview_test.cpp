#include "terminal/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include "image/resize.h"
#include "terminal/encoders.h"
#include "terminal/pictures.h"

namespace velatura::testing {
namespace {

using terminal::Colours;
using terminal::preview;
using terminal::Protocol;
using terminal::Screen;
using terminal::screen_of;
using terminal::shrink_to_fit;

void expect_size(const Image& image, int width, int height) {
  EXPECT_EQ(image.width, width);
  EXPECT_EQ(image.height, height);
}

TEST(Preview, ShrinksInProportionAndNeverEnlarges) {
  expect_size(shrink_to_fit(noise(64, 32), 32, 100), 32, 16);
  expect_size(shrink_to_fit(noise(64, 32), 100, 16), 32, 16);
  expect_size(shrink_to_fit(noise(300, 2), 30, 30), 30, 1);
  const Image image = noise(64, 32);
  EXPECT_EQ(shrink_to_fit(image, 64, 32).pixels, image.pixels);
  EXPECT_EQ(shrink_to_fit(image, 640, 320).pixels, image.pixels);
}

TEST(Preview, FitsTheScreen) {
  const Image image = noise(200, 200);
  const Screen screen{.columns = 20, .rows = 16, .cell_width = 5, .cell_height = 10};
  EXPECT_EQ(preview(image, {Protocol::half_blocks, Colours::true_colour, screen}),
            half_blocks(shrink_to_fit(image, 20, 24), Colours::true_colour));
  EXPECT_EQ(preview(image, {Protocol::half_blocks, Colours::palette_256, screen}),
            half_blocks(shrink_to_fit(image, 20, 24), Colours::palette_256));
  const Image smaller = shrink_to_fit(image, 100, 120);
  EXPECT_EQ(preview(image, {Protocol::kitty, {}, screen}), terminal::kitty(smaller));
  EXPECT_EQ(preview(image, {Protocol::iterm2, {}, screen}), terminal::iterm2(smaller));
  EXPECT_EQ(preview(image, {Protocol::sixel, {}, screen}), terminal::sixel(smaller));
  EXPECT_EQ(preview(image, {Protocol::none, {}, screen}), "");
}

TEST(Screen, IsWhatTheTerminalSays) {
  int master = -1;
  int slave = -1;
  const winsize size{.ws_row = 50, .ws_col = 100, .ws_xpixel = 900, .ws_ypixel = 1000};
  ASSERT_EQ(openpty(&master, &slave, nullptr, nullptr, &size), 0);
  const Screen screen = screen_of(slave);
  close(slave);
  close(master);
  EXPECT_EQ(screen.columns, 100);
  EXPECT_EQ(screen.rows, 50);
  EXPECT_EQ(screen.cell_width, 9);
  EXPECT_EQ(screen.cell_height, 20);
}

TEST(Screen, IsAssumedWhereNobodySays) {
  const Screen screen = screen_of(-1);
  EXPECT_EQ(screen.columns, 80);
  EXPECT_EQ(screen.rows, 24);
}

}  // namespace
}  // namespace velatura::testing
