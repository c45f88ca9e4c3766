// Pictures in other shapes, against diffusers' VaeImageProcessor, as recorded by
// scripts/fixtures/make_fit_fixtures.py.
#include "image/fit.h"

#include <gmock/gmock.h>

#include <map>
#include <string>

#include "image/fixtures.h"

namespace velatura {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

TEST(Fit, EqualsDiffusers) {
  const std::map<std::string, Fit> ways = {
      {"stretch", Fit::stretch}, {"crop", Fit::crop}, {"pad", Fit::pad}};
  const Fixtures fitted("fitted");
  int compared = 0;
  for (const auto& one : fitted.cases) {
    if (!one.contains("how")) continue;
    const int width = one.at("to").at(0), height = one.at("to").at(1);
    const Raster found = fit(noise(one.at("from").at(0), one.at("from").at(1), 3), width, height,
                             ways.at(one.at("how")), Filter::lanczos);
    ASSERT_EQ(found.width, width);
    ASSERT_EQ(found.height, height);
    const std::string_view expected = fitted.bytes(one.at("pixels"), found.pixels.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(found.pixels[i], static_cast<std::uint8_t>(expected[i]))
          << "at byte " << i << ", " << one;
    }
    ++compared;
  }
  EXPECT_GE(compared, 40);
}

TEST(Fit, PadReachesEveryEdge) {
  const Raster gray{2, 2, 1, {100, 100, 100, 100}};
  for (const auto& [width, height] : {std::pair{9, 4}, {4, 9}, {7, 5}, {5, 7}, {2, 31}}) {
    EXPECT_THAT(fit(gray, width, height, Fit::pad, Filter::bilinear).pixels, Each(100))
        << width << " x " << height;
  }
}

TEST(Fit, KeepsAtLeastAPixel) {
  const Raster line{1000, 1, 1, std::vector<std::uint8_t>(1000, 50)};
  for (const Fit how : {Fit::stretch, Fit::crop, Fit::pad}) {
    EXPECT_THAT(fit(line, 8, 8, how, Filter::bilinear).pixels, Each(50));
  }
}

TEST(Extend, DrawsTheOutermostPixelsOut) {
  const Raster picture{2, 2, 1, {1, 2, 3, 4}};
  const Raster grown = extend(picture, {.left = 2, .top = 1, .right = 1, .bottom = 2});
  EXPECT_EQ(grown.width, 5);
  EXPECT_EQ(grown.height, 5);
  EXPECT_THAT(grown.pixels, ElementsAre(1, 1, 1, 2, 2,  //
                                        1, 1, 1, 2, 2,  //
                                        3, 3, 3, 4, 4,  //
                                        3, 3, 3, 4, 4,  //
                                        3, 3, 3, 4, 4));
}

TEST(Extend, KeepsColoursTogetherAndNothingIsNothing) {
  const Raster picture{1, 1, 3, {1, 2, 3}};
  EXPECT_THAT(extend(picture, {.right = 1}).pixels, ElementsAre(1, 2, 3, 1, 2, 3));
  EXPECT_EQ(extend(noise(7, 5, 3), {}).pixels, noise(7, 5, 3).pixels);
}

}  // namespace
}  // namespace velatura
