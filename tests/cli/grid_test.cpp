#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/picture_command.h"

namespace velatura::testing {
namespace {

using ::testing::ElementsAre;

bool is_cell(const Image& sheet, int x, int y, const Image& picture) {
  for (int row = 0; row < picture.height; ++row) {
    const auto* cell = sheet.pixels.data() + 3 * ((y + row) * sheet.width + x);
    if (!std::equal(cell, cell + 3 * picture.width,
                    picture.pixels.data() + 3 * row * picture.width)) {
      return false;
    }
  }
  return true;
}

TEST(Grid, IsASheetOfThePicturesBesideThem) {
  const TemporaryFolder folder;
  const Outcome outcome = tiny({"-n", "3", "--grid", "-o", folder / "a.png"});
  ASSERT_TRUE(succeeded(outcome));
  EXPECT_THAT(folder.files(), ElementsAre("a-0.png", "a-1.png", "a-2.png", "grid-5.png"));
  EXPECT_EQ(lines(outcome.out).back(), folder / "grid-5.png");

  const Image sheet = read_image(folder / "grid-5.png");
  ASSERT_EQ(sheet.width, 64);
  ASSERT_EQ(sheet.height, 64);
  EXPECT_TRUE(is_cell(sheet, 0, 0, read_image(folder / "a-0.png")));
  EXPECT_TRUE(is_cell(sheet, 32, 0, read_image(folder / "a-1.png")));
  EXPECT_TRUE(is_cell(sheet, 0, 32, read_image(folder / "a-2.png")));
  EXPECT_TRUE(is_cell(sheet, 32, 32, {32, 32, std::vector<std::uint8_t>(32 * 32 * 3)}));

  const Metadata metadata = read_metadata(folder / "grid-5.png");
  EXPECT_EQ(metadata.parameters, read_metadata(folder / "a-0.png").parameters);
  const auto receipt = nlohmann::json::parse(metadata.receipt);
  EXPECT_EQ(receipt.at("seeds"), nlohmann::json({5, 6, 7}));
  EXPECT_FALSE(receipt.contains("pixels"));
}

TEST(Grid, OfOnePictureIsNone) {
  const TemporaryFolder folder;
  ASSERT_TRUE(succeeded(tiny({"--grid", "-o", folder / "a.png"})));
  EXPECT_THAT(folder.files(), ElementsAre("a.png"));
}

TEST(Grid, NeedsAPlaceOfItsOwn) {
  const TemporaryFolder folder;
  EXPECT_TRUE(failed_with(tiny({"--grid", "-o", "-"}), 2, {"-o - and --grid"}));
  EXPECT_TRUE(failed_with(tiny({"-n", "2", "--grid", "-o", folder / "grid-{seed}.png"}), 2,
                          {"--grid and -o both name"}));
  EXPECT_TRUE(
      failed_with(tiny({"-n", "101", "--grid", "-o", folder / "a.png"}), 2, {"at most 100"}));
}

}  // namespace
}  // namespace velatura::testing
