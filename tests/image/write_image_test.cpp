#include <gmock/gmock.h>

#include <random>
#include <utility>

#include "core/read_file.h"
#include "image/decode.h"
#include "image/read_metadata.h"
#include "support/temporary_folder.h"
#include "velatura/error.h"

namespace velatura {
namespace {

using WriteImage = InTemporaryFolder;

TEST_F(WriteImage, MakesAFileOfTheFormatItsNameAsksFor) {
  const Metadata metadata{"a cat\nSteps: 1, Sampler: DDIM, Seed: 2", "{}"};
  for (const char* name : {"new/a.png", "a.jpg", "a.webp"}) {
    write_image(folder_ / name, gradient(24, 16), metadata);
    const std::string bytes = read_file(folder_ / name, 1 << 20);
    EXPECT_LE(largest_difference(decode_image(as_byte_view(bytes)), gradient(24, 16)), 12) << name;
    EXPECT_EQ(bytes, as_text(encode_image(gradient(24, 16), image_format(name), metadata)));
    EXPECT_EQ(read_metadata(folder_ / name).parameters, metadata.parameters);
  }
}

TEST_F(WriteImage, LeavesNothingBehindWhenItCannot) {
  EXPECT_THROW(write_image(folder_ / "a.png", Image{}, {}), OutputError);
  EXPECT_THROW(write_image(folder_ / "a.gif", gradient(2, 2), {}), UsageError);
  EXPECT_EQ(files(), 0u);
}

TEST_F(WriteImage, GrayHas16BitsThatComeBackAsTheyWere) {
  std::mt19937 random(1);
  for (const auto& [width, height] : {std::pair{1, 1}, {7, 3}, {3, 7}, {200, 150}}) {
    GrayImage image{width, height, {}};
    for (int i = 0; i < width * height; ++i) {
      image.values.push_back(static_cast<std::uint16_t>(random()));
    }
    write_gray_image(folder_ / "new/depth.PNG", image);
    const GrayImage read = read_gray_image(folder_ / "new/depth.PNG");
    EXPECT_EQ(read.width, width);
    EXPECT_EQ(read.height, height);
    EXPECT_EQ(read.values, image.values);
    const std::string bytes = read_file(folder_ / "new/depth.PNG", 1 << 20);
    EXPECT_EQ(decode_gray_image(as_byte_view(bytes)).values, image.values);
  }
}

TEST_F(WriteImage, GrayIsPngOnly) {
  for (const char* name : {"a.jpg", "a.webp", "a.gif", "a"}) {
    EXPECT_THROW(write_gray_image(folder_ / name, {1, 1, {7}}), UsageError) << name;
  }
  EXPECT_EQ(files(), 0u);
}

}  // namespace
}  // namespace velatura
