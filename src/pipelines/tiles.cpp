#include "pipelines/tiles.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace velatura::pipelines {
namespace {

/// A tile's extent along one axis.
struct Span {
  std::int64_t begin, length;
};

Region region_of(Span rows, Span columns) {
  return {static_cast<int>(columns.begin), static_cast<int>(rows.begin),
          static_cast<int>(columns.length), static_cast<int>(rows.length)};
}

// Spread evenly, on multiples of `grid`.
std::vector<Span> spans(std::int64_t length, Tiling tiling, std::int64_t grid) {
  if (length <= tiling.size) return {{0, length}};
  const std::int64_t step = tiling.size - tiling.overlap;
  const std::int64_t count = (length - tiling.overlap + step - 1) / step;
  std::vector<Span> all;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t begin = i * (length - tiling.size) / (count - 1);
    all.push_back({begin / grid * grid, tiling.size});
  }
  return all;
}

// 1 inside, falling towards the edges that have a neighbour; never 0.
at::Tensor ramp(Span span, std::int64_t whole, std::int64_t overlap) {
  auto weights = at::ones({span.length}, at::kFloat);
  if (overlap == 0) return weights;
  const auto rise = (at::arange(overlap, at::kFloat) + 0.5) / static_cast<double>(overlap);
  if (span.begin > 0) weights.slice(0, 0, overlap).copy_(rise);
  if (span.begin + span.length < whole) {
    const auto end = weights.slice(0, span.length - overlap);
    end.copy_(at::minimum(end, rise.flip(0)));
  }
  return weights;
}

at::Tensor part_of(const at::Tensor& whole, const Region& region) {
  return whole.narrow(-2, region.y, region.height).narrow(-1, region.x, region.width);
}

}  // namespace

TileMap::TileMap(std::int64_t height, std::int64_t width, Tiling tiling, Ratio scale,
                 at::Device device)
    : height_(scale.of(height)), width_(scale.of(width)) {
  const std::int64_t overlap = scale.of(tiling.overlap);
  total_ = at::zeros({height_, width_}, at::TensorOptions(at::kFloat));
  for (const Span rows : spans(height, tiling, scale.denominator)) {
    for (const Span columns : spans(width, tiling, scale.denominator)) {
      const Span down{scale.of(rows.begin), scale.of(rows.length)};
      const Span across{scale.of(columns.begin), scale.of(columns.length)};
      const auto weights = at::outer(ramp(down, height_, overlap), ramp(across, width_, overlap));
      tiles_.push_back({region_of(rows, columns), region_of(down, across), weights.to(device)});
      part_of(total_, tiles_.back().result).add_(weights);
    }
  }
  total_ = total_.to(device);
}

at::Tensor TileMap::run(const at::Tensor& x, const Work& work) const {
  at::Tensor sum;
  for (const Tile& tile : tiles_) {
    const auto share = tile.weights / part_of(total_, tile.result);
    const auto result = work(part_of(x, tile.place), tile.place, share).to(at::kFloat);
    if (!sum.defined()) {
      sum = at::zeros({x.size(0), result.size(1), height_, width_}, total_.options());
    }
    part_of(sum, tile.result).add_(result * tile.weights);
  }
  return sum.div_(total_);
}

at::Tensor in_tiles(const at::Tensor& x, Tiling tiling, Ratio scale, const TileWork& work) {
  return TileMap(x.size(2), x.size(3), tiling, scale, x.device())
      .run(x, [&work](const at::Tensor& tile, const Region& place, const at::Tensor&) {
        return work(tile, place);
      });
}

at::Tensor thinned(const at::Tensor& x, std::int64_t tile, std::int64_t grid) {
  const double area = static_cast<double>(x.size(2)) * static_cast<double>(x.size(3));
  const auto n = static_cast<std::int64_t>(std::ceil(std::sqrt(area) / static_cast<double>(tile)));
  const auto along = [&](const at::Tensor& all, std::int64_t side) {
    const auto step = std::clamp<std::int64_t>(n, 1, all.size(side) / grid);
    return all.slice(side, 0, all.size(side) / (step * grid) * (step * grid), step);
  };
  return along(along(x, 2), 3);
}

at::Tensor squares_of(const at::Tensor& x, std::int64_t side) {
  constexpr std::int64_t count = 6;
  const auto begins = [&](std::int64_t length) {
    std::vector<std::int64_t> all{0};
    for (std::int64_t i = 1; i < count && length > side; ++i) {
      all.push_back(i * (length - side) / (count - 1));
    }
    return all;
  };
  std::vector<at::Tensor> squares;
  for (const auto row : begins(x.size(2))) {
    for (const auto column : begins(x.size(3))) {
      squares.push_back(x.slice(2, row, row + side).slice(3, column, column + side));
    }
  }
  return at::cat(squares);
}

}  // namespace velatura::pipelines
