#include <ATen/ATen.h>
#include <ATen/Version.h>
#include <c10/core/InferenceMode.h>

#include "layers/conv2d.h"
#include "layers/linear.h"
#include "layers/resample.h"
#include "ops/matmul/packed_matrix.h"
#include "ops/winograd/winograd_conv2d.h"
#include "support/compare.h"
#include "support/random_weights.h"

namespace velatura::testing {
namespace {

void set_dtype(layers::Module& module, at::ScalarType dtype) {
  randomise(module);
  for (auto& [name, parameter] : module.parameters()) parameter.set_data(parameter.to(dtype));
}

}  // namespace

// The first calls, the one that packs and those after it must all say the same.
class PackedWeights : public ::testing::TestWithParam<at::ScalarType> {};

TEST_P(PackedWeights, LinearStaysTheSame) {
  c10::InferenceMode inference;
  const double tolerance = GetParam() == at::kFloat ? 1e-6 : 1e-2;
  layers::Linear linear(256, 272);
  set_dtype(linear, GetParam());
  const auto weight = linear.parameters()[0].second.clone(),
             bias = linear.parameters()[1].second.clone();
  const auto x = normal(1, {2, 9, 256}).to(GetParam());
  for (int call = 0; call < 5; ++call) {
    EXPECT_TRUE(all_near(linear.forward(x), at::linear(x, weight, bias), tolerance)) << call;
  }
}

TEST_P(PackedWeights, ConvolutionStaysTheSameAtOtherSizes) {
  c10::InferenceMode inference;
  const double tolerance = GetParam() == at::kFloat ? 1e-6 : 1e-2;
  layers::Conv2d conv(8, 16, 3, 2, 1);
  set_dtype(conv, GetParam());
  const auto weight = conv.parameters()[0].second.clone(),
             bias = conv.parameters()[1].second.clone();
  for (const std::int64_t side : {12, 12, 7, 33}) {
    const auto x = normal(1, {2, 8, side, side + 1}).to(GetParam());
    EXPECT_TRUE(all_near(conv.forward(x.contiguous(at::MemoryFormat::ChannelsLast)),
                         at::conv2d(x, weight, bias, 2, 1), tolerance))
        << side;
  }
}

TEST_P(PackedWeights, AreThoseThatWereGivenLast) {
  c10::InferenceMode inference;
  layers::Linear linear(256, 272);
  layers::Conv2d conv(8, 16, 3, 1, 1);
  const auto row = normal(1, {2, 256}).to(GetParam()),
             picture = normal(2, {1, 8, 5, 5}).to(GetParam());
  set_dtype(linear, GetParam());
  set_dtype(conv, GetParam());
  const auto first = linear.forward(row), first_picture = conv.forward(picture);
  for (const auto& layer : {linear.parameters(), conv.parameters()}) {
    for (auto [name, parameter] : layer)
      parameter.set_data(at::ones_like(parameter, at::MemoryFormat::Contiguous));
  }
  EXPECT_TRUE(all_near(
      linear.forward(row),
      at::linear(row, at::ones({272, 256}, row.options()), at::ones({272}, row.options())), 1e-2));
  EXPECT_FALSE(at::equal(conv.forward(picture), first_picture));
  set_dtype(linear, GetParam());
  set_dtype(conv, GetParam());
  EXPECT_TRUE(at::equal(linear.forward(row), first));
  EXPECT_TRUE(at::equal(conv.forward(picture), first_picture));
}

TEST(PackedWeight, TakesTheParametersPlace) {
  c10::InferenceMode inference;
  layers::Conv2d conv(8, 16, 3, 1, 1);
  set_dtype(conv, at::kFloat);
  const auto weight = conv.parameters()[0].second;
  ASSERT_EQ(weight.storage().nbytes(), 16 * 8 * 9 * sizeof(float));
  conv.forward(normal(1, {1, 8, 4, 4}));
  EXPECT_EQ(weight.storage().nbytes(), sizeof(float));
  EXPECT_EQ(weight.sizes(), (at::IntArrayRef{16, 8, 3, 3}));
}

TEST(PackedWeight, IsMadeBeforeTheFirstCall) {
  c10::InferenceMode inference;
  const auto packs = [](layers::Module& layer) {
    set_dtype(layer, at::kFloat);
    const auto weight = layer.parameters()[0].second;
    layer.apply([](layers::Module& module) { module.pack_weights(); });
    return weight.storage().nbytes() == sizeof(float);
  };
  layers::Conv2d conv(8, 16, 3, 1, 1), of_one_pixel(8, 16, 1);
  layers::Linear linear(256, 272);
  layers::Upsample2D upsample(8);
  EXPECT_TRUE(packs(linear));
  const bool suit_any_size = at::get_cpu_capability() == "AVX512";
  EXPECT_EQ(packs(conv), suit_any_size);
  EXPECT_EQ(packs(upsample), suit_any_size);
  layers::Conv2d by_32(8, 1152, 3, 1, 1);
  EXPECT_EQ(packs(by_32), suit_any_size);
  layers::Conv2d by_48_or_32(8, 384, 3, 1, 1), of_every_second_pixel(192, 192, 3, 2, 1);
  const bool by_matrix = ops::PackedMatrix::suits(at::zeros({16, 8}));
  EXPECT_EQ(packs(of_one_pixel), by_matrix);
  for (auto* layer : {&by_48_or_32, &of_every_second_pixel})
    EXPECT_FALSE(packs(*layer)) << "its layout depends on the input's size";
  const bool by_winograd = ops::WinogradConv2d::suits(at::zeros({192, 192, 3, 3}));
  layers::Conv2d of_192(192, 192, 3, 1, 1);
  layers::Upsample2D enlarged_of_192(192);
  EXPECT_EQ(packs(of_192), by_winograd);
  EXPECT_EQ(packs(enlarged_of_192), by_winograd);
}

TEST(PackedWeight, OfAnEnlargementIsTheOneThatWasGivenLast) {
  c10::InferenceMode inference;
  layers::Upsample2D upsample(8);
  set_dtype(upsample, at::kFloat);
  const auto weight = upsample.parameters()[0].second, bias = upsample.parameters()[1].second;
  const auto first_weight = weight.clone();
  const auto x = normal(1, {1, 8, 5, 5});
  const auto first = upsample.forward(x);
  EXPECT_TRUE(all_near(
      first, at::conv2d(at::upsample_nearest2d(x, {10, 10}), first_weight, bias, 1, 1), 1e-5));
  auto handle = weight;
  handle.set_data(first_weight * 2);
  EXPECT_FALSE(all_near(upsample.forward(x), first, 1e-2));
  handle.set_data(first_weight);
  EXPECT_TRUE(at::equal(upsample.forward(x), first));
}

INSTANTIATE_TEST_SUITE_P(Types, PackedWeights,
                         ::testing::Values(at::kFloat, at::kBFloat16, at::kHalf),
                         [](const auto& info) { return std::string(c10::toString(info.param)); });

}  // namespace velatura::testing
