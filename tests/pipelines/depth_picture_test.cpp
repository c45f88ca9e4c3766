#include "pipelines/depth_picture.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

namespace velatura::pipelines {
namespace {

// Estimates the same of every picture.
class Known : public DepthEstimator {
 public:
  explicit Known(at::Tensor depth) : depth_(std::move(depth)) {}
  at::Tensor estimate(const Raster&) const override { return depth_; }

 private:
  at::Tensor depth_;
};

TEST(DepthPicture, SpreadsDepthsFromBlackToWhite) {
  const Known estimator(at::tensor({3.0F, 4.0F, 5.0F, 7.0F}).view({1, 1, 2, 2}));
  const Raster picture = depth_picture(estimator, make_raster(2, 2, 3));
  EXPECT_THAT(picture.pixels,
              ::testing::ElementsAre(0, 0, 0, 63, 63, 63, 127, 127, 127, 255, 255, 255));
}

TEST(DepthPicture, HasThePicturesSize) {
  const Known estimator(at::rand({1, 1, 6, 8}));
  const Raster picture = depth_picture(estimator, make_raster(13, 5, 3));
  EXPECT_EQ(picture.width, 13);
  EXPECT_EQ(picture.height, 5);
  EXPECT_EQ(*std::ranges::max_element(picture.pixels), 255);
  EXPECT_EQ(*std::ranges::min_element(picture.pixels), 0);
}

TEST(DepthPicture, IsBlackWhereAllIsAsFar) {
  const Known estimator(at::ones({1, 1, 2, 2}));
  EXPECT_THAT(depth_picture(estimator, make_raster(2, 2, 3)).pixels, ::testing::Each(0));
}

}  // namespace
}  // namespace velatura::pipelines
