#include <ATen/ATen.h>
#include <ATen/native/verbose_wrapper.h>
#include <c10/core/InferenceMode.h>

#include "layers/conv2d.h"
#include "layers/resample.h"
#include "ops/onednn.h"
#include "ops/packed_conv2d.h"
#include "ops/winograd/winograd_conv2d.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

// What oneDNN says that it does meanwhile.
std::string onednn_log(const std::function<void()>& work) {
  ::testing::internal::CaptureStdout();
  torch::verbose::_mkldnn_set_verbose(1);
  work();
  torch::verbose::_mkldnn_set_verbose(0);
  return ::testing::internal::GetCapturedStdout();
}

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// A 3×3 convolution with the channels of published models', at a size that it has there.
struct Shape {
  std::int64_t out, in, side;
};
void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.out << " of " << shape.in << " at " << shape.side;
}

class Layouts : public ::testing::TestWithParam<std::tuple<Shape, at::ScalarType>> {
 protected:
  // Weights that are not in the layout that the processor's kernels take are laid out at every call,
  // which takes longer than computing with them.
  void expect_none_anew(layers::Module& layer, const std::function<void(const at::Tensor&)>& call,
                        std::int64_t stride) {
    const auto [shape, dtype] = GetParam();
    if (!ops::onednn_computes(dtype)) GTEST_SKIP() << "oneDNN does not compute in it here";
    const at::Tensor weight = at::empty({shape.out, shape.in, 3, 3}, dtype);
    const bool by_winograd = stride == 1 && ops::WinogradConv2d::suits(weight);
    if (!by_winograd && ops::PackedConv2d::suits_any_size(weight, {stride, stride}, {1, 1}))
      GTEST_SKIP() << "laid out for no size in particular here";
    for (auto& [name, parameter] : layer.parameters())
      parameter.set_data(normal(1, parameter.sizes()).to(dtype));
    const auto x = normal(2, {2, shape.in, shape.side, shape.side})
                       .to(dtype)
                       .contiguous(at::MemoryFormat::ChannelsLast);
    layer.pack_weights();
    call(x);
    const std::string log = onednn_log([&] { call(x); });
    EXPECT_EQ(count(log, "exec,cpu,reorder"), 0u) << log;
    EXPECT_EQ(count(log, "exec,cpu,") > 0, !by_winograd) << log;
  }
};

}  // namespace

TEST_P(Layouts, AConvolutionIsNotLaidOutAnew) {
  const c10::InferenceMode inference;
  const Shape shape = std::get<0>(GetParam());
  for (const std::int64_t stride : {1, 2}) {
    layers::Conv2d layer(shape.in, shape.out, 3, stride, 1);
    expect_none_anew(
        layer, [&](const at::Tensor& x) { layer.forward(x); }, stride);
  }
}

TEST_P(Layouts, AnUpsamplingConvolutionIsNotLaidOutAnew) {
  const c10::InferenceMode inference;
  const Shape shape = std::get<0>(GetParam());
  layers::UpsampledConv2d layer(shape.in, shape.out);
  expect_none_anew(
      layer, [&](const at::Tensor& x) { layer.forward(x); }, 1);
}

INSTANTIATE_TEST_SUITE_P(
    OfModels, Layouts,
    ::testing::Combine(::testing::Values(Shape{320, 320, 32}, Shape{640, 320, 32},
                                         Shape{640, 640, 16}, Shape{1280, 640, 16},
                                         Shape{1280, 1280, 8}, Shape{384, 384, 32},
                                         Shape{768, 768, 16}, Shape{1152, 768, 8},
                                         Shape{1536, 1536, 4}, Shape{1536, 1536, 8},
                                         Shape{512, 512, 32}, Shape{256, 512, 32},
                                         Shape{128, 256, 64}),
                       ::testing::Values(at::kFloat, at::kBFloat16)));

}  // namespace velatura::testing
