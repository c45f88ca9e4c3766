// Masks that are cropped to and pictures put over others, against diffusers' VaeImageProcessor, as
// recorded by scripts/fixtures/make_fit_fixtures.py.
#include "image/overlay.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "image/fixtures.h"

namespace velatura {
namespace {

using ::testing::ElementsAre;

Raster painted_mask(const nlohmann::json& one) {
  Raster mask = make_raster(one.at("mask").at(0), one.at("mask").at(1), 1);
  for (const auto& rectangle : one.at("rectangles")) {
    const int left = rectangle.at(0), right = rectangle.at(2), bottom = rectangle.at(3);
    for (int y = rectangle.at(1); y < bottom; ++y) {
      std::fill(mask.row(y) + left, mask.row(y) + right, rectangle.at(4).get<std::uint8_t>());
    }
  }
  return mask;
}

TEST(MaskedRegion, EqualsDiffusers) {
  const auto cases = fixture_json("regions");
  for (const auto& one : cases) {
    const Region region =
        masked_region(painted_mask(one), one.at("to").at(0), one.at("to").at(1), one.at("padding"));
    EXPECT_THAT(one.at("region"), ElementsAre(region.x, region.y, region.width, region.height))
        << one;
  }
  EXPECT_GE(cases.size(), 200u);
}

TEST(IsBlack, OnlyIfEveryPixelIs) {
  Raster mask = make_raster(3, 2, 1);
  EXPECT_TRUE(is_black(mask));
  mask.pixels.back() = 1;
  EXPECT_FALSE(is_black(mask));
}

TEST(Paste, PutsWhatLiesWithin) {
  const auto pasted = [](int x, int y) {
    Raster base = make_raster(3, 2, 1);
    paste(base, Raster{2, 2, 1, {1, 2, 3, 4}}, x, y);
    return base.pixels;
  };
  EXPECT_THAT(pasted(0, 0), ElementsAre(1, 2, 0, 3, 4, 0));
  EXPECT_THAT(pasted(1, 1), ElementsAre(0, 0, 0, 0, 1, 2));
  EXPECT_THAT(pasted(2, -1), ElementsAre(0, 0, 3, 0, 0, 0));
  EXPECT_THAT(pasted(-1, 0), ElementsAre(2, 0, 0, 4, 0, 0));
  EXPECT_THAT(pasted(3, 0), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(pasted(-2, -2), ElementsAre(0, 0, 0, 0, 0, 0));
}

TEST(Paste, KeepsColoursTogether) {
  Raster base = make_raster(2, 1, 3);
  paste(base, Raster{1, 1, 3, {1, 2, 3}}, 1, 0);
  EXPECT_THAT(base.pixels, ElementsAre(0, 0, 0, 1, 2, 3));
}

TEST(Overlay, EqualsDiffusers) {
  const Fixtures fitted("fitted");
  int compared = 0;
  for (const auto& one : fitted.cases) {
    if (!one.contains("painted")) continue;
    const int width = one.at("from").at(0), height = one.at("from").at(1);
    const Raster original = noise(width, height, 3);
    Raster painted = original;
    std::ranges::reverse(painted.pixels);
    const Raster found = overlay(original, painted, noise(width, height, 1));
    const std::string_view expected = fitted.bytes(one.at("pixels"), found.pixels.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(found.pixels[i], static_cast<std::uint8_t>(expected[i]))
          << "at byte " << i << ", " << one;
    }
    ++compared;
  }
  EXPECT_GE(compared, 4);
}

TEST(Overlay, IsExactWhereTheMaskIsBlackOrWhite) {
  const Raster original = noise(64, 48, 3);
  Raster painted = original;
  std::ranges::reverse(painted.pixels);
  Raster mask = make_raster(64, 48, 1);
  for (std::size_t i = 0; i < mask.pixels.size(); ++i) mask.pixels[i] = i % 3 == 0 ? 255 : 0;
  const Raster found = overlay(original, painted, mask);
  for (std::size_t i = 0; i < found.pixels.size(); ++i) {
    ASSERT_EQ(found.pixels[i], (i / 3 % 3 == 0 ? painted : original).pixels[i]) << i;
  }
}

}  // namespace
}  // namespace velatura
