#include "image/fit.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "image/overlay.h"

namespace velatura {
namespace {

constexpr std::array<std::pair<Fit, std::string_view>, 3> kNames = {
    {{Fit::stretch, "stretch"}, {Fit::crop, "crop"}, {Fit::pad, "pad"}}};

std::uint8_t* pixel(Raster& raster, int x, int y) {
  return raster.row(y) + std::ptrdiff_t{x} * raster.channels;
}

// What bicubic interpolation gives on the very edge, from the two outermost pixels.
std::uint8_t edge_value(std::uint8_t outermost, std::uint8_t next) {
  return static_cast<std::uint8_t>(std::clamp((9 * outermost - next + 4) >> 3, 0, 255));
}

// The edges of a picture that lies in the middle of `base`, drawn out to the sides of `base`.
void draw_out_edges(Raster& base, int x, int y, int width, int height) {
  const auto copy_pixel = [&base](int to_x, int to_y, int x0, int y0, int x1, int y1) {
    for (int c = 0; c < base.channels; ++c) {
      pixel(base, to_x, to_y)[c] = edge_value(pixel(base, x0, y0)[c], pixel(base, x1, y1)[c]);
    }
  };
  const int last_x = x + width - 1, last_y = y + height - 1;
  const int in_x = width > 1 ? 1 : 0, in_y = height > 1 ? 1 : 0;
  for (int row = 0; row < base.height; ++row) {
    if (row >= y && row <= last_y) continue;
    const int edge = row < y ? y : last_y, next = row < y ? y + in_y : last_y - in_y;
    for (int column = x; column <= last_x; ++column) {
      copy_pixel(column, row, column, edge, column, next);
    }
  }
  for (int column = 0; column < base.width; ++column) {
    if (column >= x && column <= last_x) continue;
    const int edge = column < x ? x : last_x, next = column < x ? x + in_x : last_x - in_x;
    for (int row = y; row <= last_y; ++row) copy_pixel(column, row, edge, row, next, row);
  }
}

}  // namespace

std::string_view name_of(Fit fit) {
  return std::ranges::find(kNames, fit, &decltype(kNames)::value_type::first)->second;
}

Raster fit(const Raster& picture, int width, int height, Fit how, Filter filter) {
  if (how == Fit::stretch) return resize(picture, width, height, filter);
  const double ratio = static_cast<double>(width) / height;
  const double own_ratio = static_cast<double>(picture.width) / picture.height;
  const bool by_width = how == Fit::crop ? ratio > own_ratio : ratio < own_ratio;
  const auto scaled = [](int side, int times, int over) {
    return std::max(1, static_cast<int>(std::int64_t{side} * times / over));
  };
  const int inner_width = by_width ? width : scaled(picture.width, height, picture.height);
  const int inner_height = by_width ? scaled(picture.height, width, picture.width) : height;
  const Raster inner = resize(picture, inner_width, inner_height, filter);
  const int x = width / 2 - inner_width / 2, y = height / 2 - inner_height / 2;
  Raster result = make_raster(width, height, picture.channels);
  paste(result, inner, x, y);
  if (how == Fit::pad) draw_out_edges(result, x, y, inner_width, inner_height);
  return result;
}

Raster extend(const Raster& picture, const Margins& margins) {
  Raster result = make_raster(picture.width + margins.left + margins.right,
                              picture.height + margins.top + margins.bottom, picture.channels);
  for (int y = 0; y < result.height; ++y) {
    const int from_y = std::clamp(y - margins.top, 0, picture.height - 1);
    for (int x = 0; x < result.width; ++x) {
      const int from_x = std::clamp(x - margins.left, 0, picture.width - 1);
      const auto* from = picture.row(from_y) + std::ptrdiff_t{from_x} * picture.channels;
      std::copy(from, from + picture.channels, pixel(result, x, y));
    }
  }
  return result;
}

}  // namespace velatura
