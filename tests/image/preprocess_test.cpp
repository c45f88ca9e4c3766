#include "image/preprocess.h"

#include <gmock/gmock.h>

#include "image/canny.h"
#include "image/fixtures.h"
#include "image/gaussian_blur.h"

namespace velatura {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint8_t> made(const Raster& picture, const std::string& how) {
  return preprocess(picture, parse_preprocess(how)).pixels;
}

TEST(Preprocess, TellsKindsAndNumbers) {
  EXPECT_EQ(parse_preprocess("none").kind, HintKind::none);
  EXPECT_THAT(parse_preprocess("canny").numbers, ElementsAre(100, 200));
  EXPECT_THAT(parse_preprocess("canny:50.5:7").numbers, ElementsAre(50.5, 7));
  EXPECT_THAT(parse_preprocess("blur:2").numbers, ElementsAre(2));
  EXPECT_FALSE(parse_preprocess("depth").needs_picture_only());
  EXPECT_FALSE(parse_preprocess("inpaint").needs_picture_only());
  EXPECT_TRUE(parse_preprocess("luma").needs_picture_only());
}

TEST(Preprocess, SaysWhatWasExpected) {
  EXPECT_EQ(preprocess_complaint("canny:1:2"), "");
  EXPECT_EQ(preprocess_complaint("sketch"),
            "none, canny[:LOW:HIGH], invert, inpaint, scribble, threshold[:N], blur[:RADIUS], "
            "luma, depth");
  EXPECT_EQ(preprocess_complaint("canny:1"), "canny[:LOW:HIGH]");
  EXPECT_EQ(preprocess_complaint("canny:1:x"), "canny[:LOW:HIGH], 0 to 1000000");
  EXPECT_EQ(preprocess_complaint("threshold:256"), "threshold[:N], 0 to 255");
  EXPECT_EQ(preprocess_complaint("blur:nan"), "blur[:RADIUS], 0 to 1024");
  EXPECT_EQ(preprocess_complaint("invert:1"), "invert");
  EXPECT_EQ(preprocess_complaint(""), preprocess_complaint("sketch"));
}

TEST(Preprocess, MakesHints) {
  const Raster two{2, 1, 3, {0, 128, 255, 130, 200, 140}};
  EXPECT_EQ(made(two, "none"), two.pixels);
  EXPECT_THAT(made(two, "invert"), ElementsAre(255, 127, 0, 125, 55, 115));
  EXPECT_THAT(made(two, "scribble"), ElementsAre(255, 255, 255, 0, 0, 0));
  EXPECT_THAT(made(two, "threshold"), ElementsAre(0, 0, 0, 255, 255, 255));
  EXPECT_THAT(made(two, "threshold:130"), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(made(two, "luma"), ElementsAre(104, 104, 104, 172, 172, 172));
  const Raster picture = noise(20, 10, 3);
  EXPECT_EQ(made(picture, "blur:3"), gaussian_blur(picture, 3).pixels);
  const auto edges = made(picture, "canny:400:800");
  const auto grey = canny(picture, 400, 800).pixels;
  ASSERT_EQ(edges.size(), 3 * grey.size());
  for (std::size_t i = 0; i < edges.size(); ++i) ASSERT_EQ(edges[i], grey[i / 3]);
  EXPECT_NE(edges, made(picture, "canny:100:200"));
}

}  // namespace
}  // namespace velatura
