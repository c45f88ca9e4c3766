#include "pipelines/tiles.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "support/random_weights.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::normal;

struct Case {
  Tiling tiling;
  std::vector<std::int64_t> sides;
};
// In units of the grid.
const std::vector<Case> kCases = {
    {{1, 0}, {1, 2, 5}},
    {{4, 0}, {1, 3, 4, 5, 7, 8, 12, 17}},
    {{4, 1}, {4, 5, 6, 7, 10, 11}},
    {{4, 2}, {4, 5, 6, 7, 9, 13}},
    {{4, 3}, {4, 5, 8, 9}},
    {{16, 4}, {15, 16, 17, 28, 29, 40, 61}},
    {{7, 2}, {7, 8, 12, 13, 30}},
};
const std::vector<Ratio> kRatios = {{1, 1}, {1, 8}, {8, 1}, {1, 2}, {4, 1}};

// Calls `check(height, width, tiling, scale)` with sizes in pixels, for every case.
void for_all(const auto& check) {
  for (const Ratio scale : kRatios) {
    const auto grid = scale.denominator;
    for (const auto& [tiling, sides] : kCases) {
      for (std::size_t i = 0; i < sides.size(); ++i) {
        const Tiling in_pixels{tiling.size * grid, tiling.overlap * grid};
        const auto width = sides[sides.size() - 1 - i];
        SCOPED_TRACE(::testing::Message()
                     << sides[i] << " x " << width << ", tiles of " << tiling.size << ", overlap "
                     << tiling.overlap << ", scale " << scale.numerator << ":" << grid);
        check(sides[i] * grid, width * grid, in_pixels, scale);
      }
    }
  }
}

// The picture in another size, every pixel by itself.
at::Tensor scaled(const at::Tensor& x, Ratio scale) {
  const auto thinned =
      x.slice(2, 0, at::nullopt, scale.denominator).slice(3, 0, at::nullopt, scale.denominator);
  return thinned.repeat_interleave(scale.numerator, 2).repeat_interleave(scale.numerator, 3);
}

TEST(InTiles, GiveBackWhatEachPixelAloneWouldGive) {
  for_all([](auto height, auto width, Tiling tiling, Ratio scale) {
    const auto x = normal(1, {2, 3, height, width});
    const auto found =
        in_tiles(x, tiling, scale, [&](const auto& t, const Region&) { return scaled(t, scale); });
    const auto expected = scaled(x, scale);
    ASSERT_EQ(found.sizes(), expected.sizes());
    EXPECT_LE((found - expected).abs().max().template item<double>(), 1e-6);
  });
}

TEST(InTiles, AConstantStaysConstant) {
  for_all([](auto height, auto width, Tiling tiling, Ratio scale) {
    const auto x = at::full({1, 1, height, width}, 3.0);
    const auto found =
        in_tiles(x, tiling, scale, [&](const auto& t, const Region&) { return scaled(t, scale); });
    EXPECT_LE((found - 3.0).abs().max().template item<double>(), 1e-6);
  });
}

TEST(InTiles, BeginOnTheGridAreNeverLargerAndShareTheOverlap) {
  for_all([](auto height, auto width, Tiling tiling, Ratio scale) {
    const auto rows = at::arange(height).view({1, 1, -1, 1}).expand({1, 1, height, width});
    const auto columns = at::arange(width).view({1, 1, 1, -1}).expand({1, 1, height, width});
    std::int64_t last_row = 0, last_column = 0;
    in_tiles(at::cat({rows, columns}, 1).to(at::kFloat), tiling, scale,
             [&](const auto& tile, const Region&) {
               EXPECT_EQ(tile.size(2), std::min<std::int64_t>(tiling.size, height));
               EXPECT_EQ(tile.size(3), std::min<std::int64_t>(tiling.size, width));
               const auto row = tile[0][0][0][0].template item<std::int64_t>();
               const auto column = tile[0][1][0][0].template item<std::int64_t>();
               EXPECT_EQ(row % scale.denominator, 0);
               EXPECT_EQ(column % scale.denominator, 0);
               const auto step = tiling.size - tiling.overlap;
               EXPECT_LE(column, column == 0 ? 0 : last_column + step);
               EXPECT_LE(row, column == 0 && row != 0 ? last_row + step : row);
               if (column == 0) last_row = row;
               last_column = column;
               return scaled(tile, scale);
             });
  });
}

TEST(InTiles, FadeFromOneToTheNext) {
  double number = 0;  // of the tile, which is all its work gives
  const auto found =
      in_tiles(at::zeros({1, 1, 8, 20}), {8, 4}, {1, 1}, [&](const auto& tile, const Region&) {
        return at::full({1, 1, 8, tile.size(3)}, number++);
      });
  const double expected[] = {0, 0, 0, 0, .125, .375, .625, .875, 1.125, 1.375};
  for (int x = 0; x < 10; ++x) EXPECT_NEAR(found[0][0][3][x].item<double>(), expected[x], 1e-6);
  EXPECT_EQ(number, 4);
}

TEST(InTiles, MayChangeChannelsAndDtype) {
  const auto found = in_tiles(
      normal(1, {1, 4, 20, 20}), {8, 2}, {1, 1},
      [](const auto& tile, const Region&) { return tile.narrow(1, 0, 2).to(at::kBFloat16); });
  EXPECT_EQ(found.size(1), 2);
  EXPECT_EQ(found.scalar_type(), at::kFloat);
}

TEST(Thinned, LeavesATilesPixelsOnTheGrid) {
  const auto x = at::arange(40 * 24, at::kFloat).view({1, 1, 40, 24});
  const auto found = thinned(x, 16, 4);  // √960 / 16: every second
  EXPECT_TRUE(at::equal(found, x.slice(2, 0, 40, 2).slice(3, 0, 24, 2)));
  EXPECT_EQ(thinned(at::zeros({1, 3, 46, 34}), 16, 4).sizes(), at::IntArrayRef({1, 3, 12, 8}));
  EXPECT_EQ(thinned(at::zeros({1, 3, 4, 4000}), 16, 4).sizes(), at::IntArrayRef({1, 3, 4, 500}));
}

TEST(SquaresOf, ReachFromEdgeToEdge) {
  const auto x = at::arange(40 * 24, at::kFloat).view({1, 1, 40, 24});
  const auto found = squares_of(x, 5);
  EXPECT_EQ(found.sizes(), at::IntArrayRef({36, 1, 5, 5}));
  EXPECT_TRUE(at::equal(found[0], x[0].slice(1, 0, 5).slice(2, 0, 5)));
  EXPECT_TRUE(at::equal(found[8], x[0].slice(1, 7, 12).slice(2, 7, 12)));
  EXPECT_TRUE(at::equal(found[35], x[0].slice(1, 35, 40).slice(2, 19, 24)));
  EXPECT_EQ(squares_of(x, 30).sizes(), at::IntArrayRef({6, 1, 30, 24}));
}

TEST(Tiling, AppliesToWhatIsLargerOnEitherSide) {
  const Tiling tiling{16, 4};
  EXPECT_FALSE(tiling.applies_to(16, 16));
  EXPECT_TRUE(tiling.applies_to(17, 1));
  EXPECT_TRUE(tiling.applies_to(1, 17));
}

}  // namespace
}  // namespace velatura::pipelines
