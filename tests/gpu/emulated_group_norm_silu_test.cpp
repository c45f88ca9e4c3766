#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "gpu/emulated_numbers.h"
#include "ops/group_norm_silu_cuda.h"
#include "support/gpu_on_cpu/gpu_on_cpu.h"
#include "support/gpu_on_cpu/sanitizer_fibers.h"

namespace velatura::ops::cuda {
namespace {

using gpu_on_cpu::Order;

template <class T>
constexpr double norm_tolerance_of = std::is_same_v<T, float>    ? 2e-6
                                     : std::is_same_v<T, __half> ? 1.0 / 512
                                                                 : 1.0 / 128;

struct Shape {
  std::int64_t batch;
  int rows, channels, groups;
  std::size_t offset = 0;  ///< elements by which the input is off its alignment
  double mean = 1.5;
  int addends = 0;  ///< rows that are added by channel: none, one for all, or one a sample
};

/// An input in exact heap blocks, so that AddressSanitizer sees what is read past them.
template <class T>
struct Input {
  explicit Input(const Shape& s)
      : shape(s),
        x(static_cast<std::size_t>(s.batch * s.rows * s.channels) + s.offset),
        weight(static_cast<std::size_t>(s.channels)),
        bias(weight.size()),
        addend(static_cast<std::size_t>(s.addends) * weight.size()) {
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (T& value : x) value = T(normal(random) * 3 + static_cast<float>(s.mean));
    for (T& value : weight) value = T(normal(random));
    for (T& value : bias) value = T(normal(random));
    for (T& value : addend) value = T(normal(random));
  }

  std::size_t size() const { return x.size() - shape.offset; }

  std::vector<T> output(bool silu) const {
    std::vector<T> y(size(), T(NAN));
    const std::int64_t moments = shape.batch * moment_chunks(shape.rows) * shape.groups * 2;
    std::vector<float> scratch(static_cast<std::size_t>(moments), NAN);
    EXPECT_EQ(launch({x.data() + shape.offset, y.data(), weight.data(), bias.data(),
                      addend.empty() ? nullptr : addend.data(), shape.addends > 1, type_of<T>,
                      shape.batch, shape.rows, shape.channels, shape.groups, 1e-5F, silu},
                     scratch.data(), nullptr),
              cudaSuccess);
    return y;
  }

  std::vector<double> expected(bool silu) const {
    std::vector<double> y(size());
    const int width = shape.channels / shape.groups;
    const auto group_of = [&](std::int64_t sample, int group, const auto& each) {
      for (std::int64_t row = 0; row < shape.rows; ++row) {
        for (int c = group * width; c < (group + 1) * width; ++c) {
          const auto at =
              static_cast<std::size_t>((sample * shape.rows + row) * shape.channels + c);
          const auto add =
              static_cast<std::size_t>(shape.addends > 1 ? sample * shape.channels + c : c);
          each(at, static_cast<std::size_t>(c),
               value(x[at + shape.offset]) + (addend.empty() ? 0.0 : value(addend[add])));
        }
      }
    };
    const double count = static_cast<double>(shape.rows) * width;
    for (std::int64_t sample = 0; sample < shape.batch; ++sample) {
      for (int group = 0; group < shape.groups; ++group) {
        double mean = 0, variance = 0;
        group_of(sample, group, [&](auto, auto, double value) { mean += value / count; });
        group_of(sample, group, [&](auto, auto, double value) {
          variance += (value - mean) * (value - mean) / count;
        });
        group_of(sample, group, [&](auto at, auto c, double value) {
          const double normed =
              (value - mean) / std::sqrt(variance + 1e-5) * float(weight[c]) + float(bias[c]);
          y[at] = silu ? normed / (1 + std::exp(-normed)) : normed;
        });
      }
    }
    return y;
  }

  Shape shape;
  std::vector<T> x, weight, bias, addend;
};

template <class T>
double relative_difference(const std::vector<T>& actual, const std::vector<double>& expected) {
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(value(actual[i]) - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  return std::sqrt(difference / norm);
}

template <class T>
void check(const Shape& shape, double tolerance = norm_tolerance_of<T>) {
  SCOPED_TRACE(::testing::Message() << shape.batch << "x" << shape.rows << "x" << shape.channels
                                    << " in " << shape.groups << " groups, off by " << shape.offset
                                    << ", " << sizeof(T) << " bytes");
  const Input<T> input(shape);
  for (const bool silu : {true, false}) {
    gpu_on_cpu::order = Order::forward;
    const std::vector<T> y = input.output(silu);
    EXPECT_LE(relative_difference(y, input.expected(silu)), tolerance);
    if (gpu_on_cpu::is_sanitized) continue;
    for (const Order order : {Order::backward, Order::shuffled}) {
      gpu_on_cpu::order = order;
      const std::vector<T> again = input.output(silu);
      EXPECT_EQ(std::memcmp(y.data(), again.data(), y.size() * sizeof(T)), 0) << "other bits";
    }
  }
}

template <class T>
class EmulatedGroupNormSilu : public ::testing::Test {};
using Types = ::testing::Types<float, __half, __nv_bfloat16>;
TYPED_TEST_SUITE(EmulatedGroupNormSilu, Types);

// All orders of threads give the same bits, as the build without sanitizers shows; ThreadSanitizer, which is slow,
// sees the smallest shapes.
TYPED_TEST(EmulatedGroupNormSilu, EqualsFloat64) {
  const std::vector<Shape> small{{2, 20, 6, 3}, {1, 12, 70, 2}, {2, 10, 32, 4, 0, 1.5, 2}};
  const std::vector<Shape> all{{3, 35, 6, 3},
                               {2, 6, 7, 7},
                               {1, 1, 8, 2},
                               {1, 99, 15, 5},
                               {2, 64, 1280, 32},
                               {1, 36, 8, 2, 1},
                               {1, 17, 1030, 2},
                               {1, 9, most_channels, most_channels},
                               {2, 200, 640, 16},
                               {1, 800, 160, 4, 0, 1.5, 1},
                               {2, 50, 320, 32, 0, 1.5, 2},
                               {2, 33, 48, 3, 0, 1.5, 1},
                               {2, 17, 400, 2, 0, 1.5, 2},
                               {1, 1026, 8, 2, 0, 1.5, 1}};
  for (const Shape& shape : gpu_on_cpu::sees_races ? small : all) check<TypeParam>(shape);
}

// Small maps go through one kernel, others through two.
TEST(EmulatedGroupNormSiluLaunches, AreAsFewAsTheyCanBe) {
  const auto launches_of = [](const Shape& shape) {
    const Input<__half> input(shape);
    const std::size_t before = gpu_on_cpu::launches().size();
    input.output(true);
    return gpu_on_cpu::launches().size() - before;
  };
  EXPECT_EQ(launches_of({1, 16, 64, 32}), 1);
  EXPECT_EQ(launches_of({1, 1030, 8, 2}), 2);
}

TEST(EmulatedGroupNormSiluInFloat32, KeepsItsDigitsFarFromZero) {
  check<float>({.batch = 1, .rows = 40, .channels = 32, .groups = 4, .mean = 3000.0}, 1e-4);
}

}  // namespace
}  // namespace velatura::ops::cuda
