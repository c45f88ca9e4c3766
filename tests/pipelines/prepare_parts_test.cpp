#include "pipelines/prepare_parts.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "families/registry.h"
#include "pipelines/cases.h"
#include "support/warnings.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::message_of;

weights::ModelFiles files_of(const std::string& name) {
  return weights::open_model(VELATURA_FIXTURES "/models/" + name);
}

LatentModel load(const weights::ModelFiles& files) {
  Observer deaf;
  return families::load_model(files, {}, {}, {at::kFloat, std::nullopt}, deaf);
}

Image blank(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3))};
}

void expect_size(Size found, int width, int height) {
  EXPECT_EQ(found.width, width);
  EXPECT_EQ(found.height, height);
}

TEST(SettleSize, IsTheModelsOwnWhereNoneIsAskedFor) {
  const auto model = load(files_of("tiny"));
  expect_size(settle_size(model, {}, {}), 32, 32);
  expect_size(settle_size(model, 48, {}), 48, 32);
  expect_size(settle_size(model, {}, 24), 32, 24);
}

TEST(SettleSize, MustBeAskedForWhereTheModelHasNone) {
  auto files = files_of("tiny");
  auto json = files.part("unet").config.json();
  json["sample_size"] = nullptr;
  files.part("unet").config = {files.part("unet").config.where(), std::move(json)};
  const auto model = load(files);
  EXPECT_EQ(message_of<UsageError>([&] { settle_size(model, 32, {}); }),
            "the model does not say its size: give width and height");
  expect_size(settle_size(model, 32, 40), 32, 40);
}

TEST(SettleSize, OfAPictureIsItsOwnFlooredToAMultiple) {
  const auto model = load(files_of("tiny"));
  Warnings warnings;
  const auto settled = [&](std::optional<int> width, std::optional<int> height,
                           const Image& image) {
    warnings.heard.clear();
    return settle_size(model, width, height, image, warnings);
  };
  expect_size(settled({}, {}, blank(45, 38)), 40, 32);
  ASSERT_EQ(warnings.heard.size(), 1u);
  EXPECT_EQ(warnings.heard[0],
            "the picture changes from 45x38 to 40x32 pixels: sides are multiples of 8; -W 48 -H 40 "
            "with --resize pad loses nothing of it");
  expect_size(settled({}, {}, blank(8, 16)), 8, 16);
  EXPECT_TRUE(warnings.heard.empty());
  expect_size(settled(64, {}, blank(45, 38)), 64, 32);
  EXPECT_EQ(warnings.heard.size(), 1u);
  expect_size(settled({}, 64, blank(45, 38)), 40, 64);
  EXPECT_EQ(warnings.heard.size(), 1u);
  expect_size(settled(64, 64, blank(45, 38)), 64, 64);
  EXPECT_TRUE(warnings.heard.empty());
  EXPECT_EQ(message_of<InputError>([&] { settled({}, {}, blank(7, 20)); }),
            "the picture is 7x20 pixels, expected at least 8x8");
  EXPECT_EQ(message_of<InputError>([&] { settled({}, {}, blank(20, 7)); }),
            "the picture is 20x7 pixels, expected at least 8x8");
}

TEST(CheckSide, NamesTheNearestMultiples) {
  const auto model = load(files_of("tiny"));
  for (const int side : {8, 32, 16384}) EXPECT_EQ(check_side("width", side, model), side);
  const auto message = [&](int side) {
    return message_of<UsageError>([&] { check_side("width", side, model); });
  };
  EXPECT_EQ(message(9), "width 9 is not a multiple of 8: 8 and 16 are the nearest");
  EXPECT_EQ(message(39), "width 39 is not a multiple of 8: 32 and 40 are the nearest");
  for (const int side : {7, 0, -8, 16385, 16392}) {
    EXPECT_EQ(message(side), "width " + std::to_string(side) + ": expected 8 … 16384");
  }
}

TEST(StartOf, LeavesOutWhatTheStrengthDoesNotReach) {
  EXPECT_EQ(start_of(10, 1.0), 0);
  EXPECT_EQ(start_of(10, 0.39), 7);
  EXPECT_EQ(start_of(10, 0.1), 9);
  EXPECT_EQ(start_of(1, 1.0), 0);
  EXPECT_EQ(message_of<UsageError>([] { start_of(10, 0.09); }),
            "strength 0.09 leaves none of the 10 steps");
  EXPECT_EQ(message_of<UsageError>([] { start_of(10, 0.0); }),
            "strength 0 leaves none of the 10 steps");
  for (const double strength : {-0.1, 1.01, std::nan("")}) {
    EXPECT_NE(message_of<UsageError>([&] { start_of(10, strength); }).find("expected 0 … 1"),
              std::string::npos);
  }
  EXPECT_EQ(message_of<UsageError>([] { start_of(1001, 1.0); }), "steps 1001: expected 1 … 1000");
}

}  // namespace
}  // namespace velatura::pipelines
