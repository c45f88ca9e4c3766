#include "image/raster.h"

#include <gmock/gmock.h>

#include "velatura/error.h"

namespace velatura {
namespace {

using ::testing::ElementsAre;

TEST(Raster, ComesFromPicturesAndGoesBack) {
  const Raster raster = to_raster(Image{2, 1, {1, 2, 3, 4, 5, 6}});
  EXPECT_EQ(raster.channels, 3);
  EXPECT_EQ(raster.row_size(), 6u);
  const Image image = to_image(raster);
  EXPECT_EQ(image.width, 2);
  EXPECT_EQ(image.height, 1);
  EXPECT_THAT(image.pixels, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(to_raster(GrayImage{2, 2, {0, 255, 256, 65535}}).pixels, ElementsAre(0, 0, 1, 255));
  EXPECT_THROW(to_image(make_raster(1, 1, 1)), Error);
}

TEST(Crop, CutsOutARectangle) {
  const Raster raster{3, 2, 2, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}};
  EXPECT_THAT(crop(raster, 1, 0, 2, 2).pixels, ElementsAre(2, 3, 4, 5, 8, 9, 10, 11));
  EXPECT_THAT(crop(raster, 0, 1, 1, 1).pixels, ElementsAre(6, 7));
  EXPECT_EQ(crop(raster, 0, 0, 3, 2).pixels, raster.pixels);
}

TEST(Crop, StaysInside) {
  const Raster raster = make_raster(3, 2, 1);
  EXPECT_THROW(crop(raster, 1, 0, 3, 1), Error);
  EXPECT_THROW(crop(raster, 0, 1, 1, 2), Error);
  EXPECT_THROW(crop(raster, -1, 0, 1, 1), Error);
  EXPECT_THROW(crop(raster, 0, 0, 0, 1), Error);
}

}  // namespace
}  // namespace velatura
