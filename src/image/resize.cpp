#include "image/resize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "velatura/error.h"

namespace velatura {
namespace {

constexpr int kFractionBits = 22;
constexpr int kHalf = 1 << (kFractionBits - 1);
constexpr std::size_t kBlock = 16;  // columns filtered together, so that they share registers

struct Kernel {
  double support;  ///< the weight is zero beyond it
  double (*weight)(double distance);
};

double sinc(double x) {
  const double angle = std::numbers::pi * x;
  return x == 0 ? 1 : std::sin(angle) / angle;
}

Kernel kernel(Filter filter) {
  switch (filter) {
    case Filter::bilinear:
      return {1, [](double x) { return std::max(1 - std::abs(x), 0.0); }};
    case Filter::bicubic:
    case Filter::bicubic_of_boxes:
      return {2, [](double distance) {
                constexpr double a = -0.5;
                const double x = std::abs(distance);
                if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
                return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
              }};
    case Filter::lanczos:
      return {3, [](double x) { return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0; }};
    case Filter::nearest:
      break;
  }
  throw Error(ErrorKind::internal, "a filter that does not exist");
}

/// One output position: what it sums, in units of 2^-22.
struct Taps {
  int first = 0;
  std::vector<int> weights;
};

// @param extent  what of the input the output covers, at most `from`
std::vector<Taps> all_taps(int from, double extent, int to, const Kernel& kernel) {
  const double scale = extent / to;
  const double stretch = std::max(scale, 1.0);
  const double support = kernel.support * stretch, shrink = 1 / stretch;
  std::vector<Taps> all(static_cast<std::size_t>(to));
  std::vector<double> weights;
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(static_cast<int>(std::floor(centre - support + 0.5)), 0);
    const int end = std::min(static_cast<int>(std::floor(centre + support + 0.5)), from);
    weights.clear();
    double sum = 0;
    for (int at = first; at < end; ++at) {
      weights.push_back(kernel.weight((at - centre + 0.5) * shrink));
      sum += weights.back();
    }
    Taps& taps = all[static_cast<std::size_t>(i)];
    taps.first = first;
    for (const double weight : weights) {
      taps.weights.push_back(static_cast<int>(std::round(weight / sum * (1 << kFractionBits))));
    }
  }
  return all;
}

std::uint8_t to_byte(int sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

// Channels > 0 are known when it is compiled, 0 stands for any other number.
template <int Channels>
Raster filter_rows(const Raster& in, double extent, int width, const Kernel& kernel) {
  const int channels = Channels > 0 ? Channels : in.channels;
  Raster out = make_raster(width, in.height, channels);
  const std::vector<Taps> all = all_taps(in.width, extent, width, kernel);
  for (int y = 0; y < in.height; ++y) {
    std::uint8_t* result = out.row(y);
    for (const Taps& taps : all) {
      const std::uint8_t* begin = in.row(y) + std::ptrdiff_t{taps.first} * channels;
      for (int c = 0; c < channels; ++c) {
        const std::uint8_t* value = begin + c;
        int sum = kHalf;
        for (const int weight : taps.weights) {
          sum += weight * *value;
          value += channels;
        }
        *result++ = to_byte(sum);
      }
    }
  }
  return out;
}

Raster filter_rows(const Raster& in, double extent, int width, const Kernel& kernel) {
  if (in.channels == 1) return filter_rows<1>(in, extent, width, kernel);
  if (in.channels == 3) return filter_rows<3>(in, extent, width, kernel);
  return filter_rows<0>(in, extent, width, kernel);
}

void filter_column(const Raster& in, const Taps& taps, std::size_t column, std::uint8_t* result) {
  int sum = kHalf;
  int y = taps.first;
  for (const int weight : taps.weights) sum += weight * in.row(y++)[column];
  result[column] = to_byte(sum);
}

void filter_block(const Raster& in, const Taps& taps, std::size_t column, std::uint8_t* result) {
  std::array<int, kBlock> sums;
  sums.fill(kHalf);
  int y = taps.first;
  for (const int weight : taps.weights) {
    const std::uint8_t* values = in.row(y++) + column;
    for (std::size_t i = 0; i < kBlock; ++i) sums[i] += weight * values[i];
  }
  for (std::size_t i = 0; i < kBlock; ++i) result[column + i] = to_byte(sums[i]);
}

Raster filter_columns(const Raster& in, double extent, int height, const Kernel& kernel) {
  Raster out = make_raster(in.width, height, in.channels);
  const std::vector<Taps> all = all_taps(in.height, extent, height, kernel);
  for (int y = 0; y < height; ++y) {
    const Taps& taps = all[static_cast<std::size_t>(y)];
    std::size_t column = 0;
    for (; column + kBlock <= in.row_size(); column += kBlock) {
      filter_block(in, taps, column, out.row(y));
    }
    for (; column < in.row_size(); ++column) filter_column(in, taps, column, out.row(y));
  }
  return out;
}

// Where the centres fall, added up step by step as Pillow does.
std::vector<int> nearest(int from, int to) {
  const double step = static_cast<double>(from) / to;
  std::vector<int> all;
  double centre = step / 2;
  for (int i = 0; i < to; ++i, centre += step) {
    all.push_back(std::min(static_cast<int>(centre), from - 1));
  }
  return all;
}

Raster pick_nearest(const Raster& in, int width, int height) {
  Raster out = make_raster(width, height, in.channels);
  const std::vector<int> columns = nearest(in.width, width), rows = nearest(in.height, height);
  auto result = out.pixels.begin();
  for (const int y : rows) {
    for (const int x : columns) {
      result = std::copy_n(in.row(y) + std::ptrdiff_t{x} * in.channels, in.channels, result);
    }
  }
  return out;
}

// The sum of so many bytes divided by their number, as Pillow rounds it.
std::uint8_t mean(unsigned sum, unsigned count) {
  const auto inverse = static_cast<std::uint32_t>(4294967296.0F / static_cast<float>(count << 8));
  return static_cast<std::uint8_t>(((sum + count / 2) * inverse) >> 24);
}

// Boxes of whole pixels, at the right and lower edge what is left of them.
Raster means_of_boxes(const Raster& in, int box_width, int box_height) {
  Raster out = make_raster((in.width + box_width - 1) / box_width,
                           (in.height + box_height - 1) / box_height, in.channels);
  std::uint8_t* result = out.pixels.data();
  for (int y = 0; y < in.height; y += box_height) {
    const int bottom = std::min(y + box_height, in.height);
    for (int x = 0; x < in.width; x += box_width) {
      const int right = std::min(x + box_width, in.width);
      for (int c = 0; c < in.channels; ++c) {
        unsigned sum = 0;
        for (int row = y; row < bottom; ++row)
          for (int column = x; column < right; ++column)
            sum += in.row(row)[std::ptrdiff_t{column} * in.channels + c];
        *result++ = mean(sum, static_cast<unsigned>((bottom - y) * (right - x)));
      }
    }
  }
  return out;
}

/// What of a raster is resized, from its upper left corner; in Pillow's precision.
struct Extents {
  float width, height;
};

Raster resize(const Raster& raster, const Extents& extents, int width, int height,
              const Kernel& chosen) {
  const auto in_width = [&](const Raster& in) {
    return width == in.width && extents.width == static_cast<float>(in.width)
               ? in
               : filter_rows(in, extents.width, width, chosen);
  };
  const auto in_height = [&](const Raster& in) {
    return height == in.height && extents.height == static_cast<float>(in.height)
               ? in
               : filter_columns(in, extents.height, height, chosen);
  };
  const int lost_rows = raster.height - height, lost_columns = raster.width - width;
  const bool columns_first = lost_rows > 0 && lost_rows > 2 * lost_columns;
  return columns_first ? in_width(in_height(raster)) : in_height(in_width(raster));
}

}  // namespace

Raster resize(const Raster& raster, int width, int height, Filter filter) {
  if (width < 1 || height < 1 || raster.pixels.empty()) {
    throw Error(ErrorKind::internal, "a picture without pixels cannot be resized");
  }
  if (filter == Filter::nearest) return pick_nearest(raster, width, height);
  const Kernel chosen = kernel(filter);
  const int box_width = std::max(raster.width / width, 1);
  const int box_height = std::max(raster.height / height, 1);
  const bool in_boxes = filter == Filter::bicubic_of_boxes && (box_width > 1 || box_height > 1);
  const Extents extents{
      static_cast<float>(static_cast<double>(raster.width) / (in_boxes ? box_width : 1)),
      static_cast<float>(static_cast<double>(raster.height) / (in_boxes ? box_height : 1))};
  return in_boxes
             ? resize(means_of_boxes(raster, box_width, box_height), extents, width, height, chosen)
             : resize(raster, extents, width, height, chosen);
}

}  // namespace velatura
