#include "families/autoencoder.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "pipelines/cases.h"
#include "support/limited_heap.h"
#include "support/random_weights.h"
#include "weights/files.h"
#include "weights/layouts/model_files.h"
#include "weights/layouts/vae_folder.h"
#include "weights/load_strict.h"
#include "weights/tensors.h"

namespace velatura::testing {
namespace {

using families::Autoencoder;

const std::string kTiny = VELATURA_FIXTURES "/models/tiny";

// The VAE of the tiny model: 2 pixels a latent.
class TinyAutoencoder : public ::testing::Test {
 protected:
  Autoencoder open(std::optional<int> tile, at::ScalarType dtype = at::kFloat) {
    return {[this](at::ScalarType in) { return load(in); }, at::kCPU, dtype, tile};
  }

  std::shared_ptr<models::AutoencoderKL> load(at::ScalarType dtype) {
    loaded_.push_back(dtype);
    const auto files = weights::open_model(kTiny);
    const auto vae =
        std::make_shared<models::AutoencoderKL>(models::VaeConfig::read(files.part("vae").config));
    weights::load_strict(vae->parameters(), *files.part("vae").weights, at::kCPU, dtype);
    for (auto& [name, value] : vae->parameters()) {
      if (name.ends_with("coder.conv_in.weight")) {
        value.set_data(value * gain_);
      }
      if (dtype == at::kHalf && name == "decoder.conv_out.bias") {
        auto bias = value.clone();
        bias[1] += green_in_half_;
        value.set_data(bias);
      }
    }
    return vae;
  }

  c10::InferenceMode inference_;
  Recorder recorder_;
  double gain_ = 1.0;           // of both halves' first layer, behind which all is normalised
  double green_in_half_ = 0.0;  // added to one channel that is decoded in float16
  std::vector<at::ScalarType> loaded_;
};

double rms(const at::Tensor& x) {
  return x.square().mean().sqrt().item<double>();
}

constexpr double kOverflow = 60000;  // such a gain is more than float16 can hold

TEST_F(TinyAutoencoder, TilesOnlyWhatIsAbove192LatentsSquared) {
  const auto vae = open(std::nullopt);
  EXPECT_EQ(vae.tile_for(32, 32), 0);
  EXPECT_EQ(vae.tile_for(384, 384), 0);
  EXPECT_EQ(vae.tile_for(384, 392), 256);
  EXPECT_EQ(vae.tile_for(200, 736), 0);
  EXPECT_EQ(vae.tile_for(8, 16384), 0);
  EXPECT_EQ(vae.tile_for(16, 16384), 256);
}

TEST_F(TinyAutoencoder, TilesAsItIsTold) {
  const auto vae = open(32);
  EXPECT_EQ(vae.tile_for(32, 32), 0);
  EXPECT_EQ(vae.tile_for(40, 32), 32);
  EXPECT_EQ(vae.tile_for(8, 40), 32);
  EXPECT_EQ(open(0).tile_for(16384, 16384), 0);
}

TEST_F(TinyAutoencoder, RefusesTilesThatDoNotFitTheLatents) {
  for (const int tile : {-32, 1, 7, 24, 31, 34, 36}) {
    EXPECT_EQ(message_of<UsageError>([&] { open(tile); }),
              "vae-tile " + std::to_string(tile) + ": expected a multiple of 8 from 32, or off");
  }
  for (const int tile : {32, 40, 256}) EXPECT_EQ(open(tile).tile_for(512, 512), tile);
}

TEST_F(TinyAutoencoder, WorksInTilesAsOnTheWhole) {
  auto whole = open(0), tiled = open(32);
  const auto pixels = normal(1, {1, 3, 64, 48}).clamp(-1, 1);
  const auto mean = whole.encode(pixels, recorder_).mean;
  EXPECT_EQ(mean.sizes(), at::IntArrayRef({1, 4, 32, 24}));
  EXPECT_TRUE(all_near(tiled.encode(pixels, recorder_).mean, mean, 0.3));
  EXPECT_FALSE(at::equal(tiled.encode(pixels, recorder_).mean, mean));
  const auto latents = normal(2, {1, 4, 32, 24});
  const auto picture = whole.decode(latents, recorder_);
  EXPECT_EQ(picture.sizes(), at::IntArrayRef({1, 3, 64, 48}));
  EXPECT_TRUE(all_near(tiled.decode(latents, recorder_), picture, 0.35));
  EXPECT_FALSE(at::equal(tiled.decode(latents, recorder_), picture));
}

// One row of tiles, and sides that the reduced picture cannot divide.
TEST_F(TinyAutoencoder, TilesAPictureOfAnyShape) {
  auto tiled = open(32);
  for (const auto& [height, width] : {std::pair{4, 4000}, {34, 30}, {46, 50}}) {
    const auto pixels = normal(1, {1, 3, height, width}).clamp(-1, 1);
    const auto latents = tiled.encode(pixels, recorder_).mean;
    EXPECT_EQ(latents.sizes(), at::IntArrayRef({1, 4, height / 2, width / 2}));
    EXPECT_EQ(tiled.decode(latents, recorder_).sizes(), pixels.sizes());
  }
}

TEST_F(TinyAutoencoder, GoesOnInFloat32WhereHalfPrecisionOverflows) {
  gain_ = kOverflow;
  auto exact = open(0);
  const auto latents = normal(2, {1, 4, 16, 16}) * 20;
  const auto pixels = normal(1, {1, 3, 32, 32}).clamp(-1, 1);
  for (const bool encode_first : {false, true}) {
    auto half = open(0, at::kHalf);
    recorder_.warnings.clear();
    loaded_.clear();
    for (const bool encode : {encode_first, !encode_first}) {
      if (encode) {
        EXPECT_TRUE(
            at::equal(half.encode(pixels, recorder_).mean, exact.encode(pixels, recorder_).mean));
      } else {
        EXPECT_TRUE(at::equal(half.decode(latents, recorder_), exact.decode(latents, recorder_)));
      }
      EXPECT_EQ(half.dtype(), at::kFloat);
      EXPECT_EQ(recorder_.warnings,
                std::vector<std::string>{
                    "the VAE overflows in float16; it works in float32 from here on"});
      EXPECT_EQ(loaded_, std::vector{at::kFloat}) << "once, for good";
    }
  }
}

TEST_F(TinyAutoencoder, GoesOnInFloat32EvenIfOnlyAPartOverflows) {
  const auto latents = normal(2, {1, 4, 16, 16});
  const auto expected = open(0).decode(latents, recorder_);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double value : {kInfinity, -kInfinity, std::nan("")}) {
    green_in_half_ = value;
    auto half = open(0, at::kHalf);
    EXPECT_TRUE(at::equal(half.decode(latents, recorder_), expected)) << value;
    EXPECT_EQ(half.dtype(), at::kFloat) << value;
  }
}

TEST_F(TinyAutoencoder, StaysInHalfPrecisionWhereThatIsEnough) {
  auto half = open(0, at::kHalf);
  EXPECT_EQ(half.decode(normal(2, {1, 4, 16, 16}), recorder_).scalar_type(), at::kFloat);
  EXPECT_EQ(half.dtype(), at::kHalf);
  EXPECT_EQ(loaded_, std::vector{at::kHalf});
  EXPECT_TRUE(recorder_.warnings.empty());
}

TEST_F(TinyAutoencoder, NeverGivesWhatIsNotFinite) {
  gain_ = std::numeric_limits<double>::quiet_NaN();
  for (const auto dtype : {at::kFloat, at::kHalf}) {
    EXPECT_EQ(message_of([&] {
                open(0, dtype).decode(normal(2, {1, 4, 16, 16}), recorder_);
              }),
              "the VAE gives what is not finite where it decodes, though its weights are finite: "
              "another VAE (--vae FILE) may help");
  }
}

TEST_F(TinyAutoencoder, GoesOnInSmallerTilesWhereMemoryRunsOut) {
  const auto pixels = normal(1, {1, 3, 256, 256}).clamp(-1, 1);
  const auto latents = normal(2, {1, 4, 128, 128});
  auto tiled = open(128);
  const auto expected_mean = tiled.encode(pixels, recorder_).mean;
  const auto expected_picture = tiled.decode(latents, recorder_);
  for (const bool encode : {true, false}) {
    auto vae = open(0);
    const auto work = [&] {
      return encode ? vae.encode(pixels, recorder_).mean : vae.decode(latents, recorder_);
    };
    LimitedHeap heap;
    work();
    heap.limit(heap.largest() - 1);
    recorder_.warnings.clear();
    EXPECT_TRUE(at::equal(work(), encode ? expected_mean : expected_picture));
    EXPECT_EQ(vae.tile_for(256, 256), 128);
    work();
    EXPECT_EQ(recorder_.warnings,
              std::vector<std::string>{
                  "memory ran out; from here on the VAE works in tiles of 128 pixels"});
    heap.limit(0);
    EXPECT_THROW(work(), ResourceError);
  }
}

// Tiles of a picture that is dark on one side are not normalised each by itself.
TEST(VaeTiles, KeepTheColoursOfTheWhole) {
  c10::InferenceMode inference;
  const auto load = [](at::ScalarType dtype) {
    const auto files = weights::open_vae(VELATURA_MODELS "/demo-upscale/vae");
    const auto vae = std::make_shared<models::AutoencoderKL>(models::VaeConfig::read(files.config));
    weights::load_strict(vae->parameters(), *files.weights, at::kCPU, dtype);
    return vae;
  };
  Autoencoder whole(load, at::kCPU, at::kFloat, 0), tiled(load, at::kCPU, at::kFloat, 256);
  const auto ramp = at::linspace(-1, 1, 384, at::kFloat);
  const auto pixels = at::stack({ramp.expand({384, 384}), ramp.flip(0).expand({384, 384}),
                                 ramp.view({384, 1}).expand({384, 384})})
                          .unsqueeze(0);
  Recorder recorder;
  const auto mean = whole.encode(pixels, recorder).mean;
  const auto latents = mean * whole.config().scaling_factor;
  // By statistics of their own the tiles are off by .22 and .43 of that.
  EXPECT_LE(rms(tiled.encode(pixels, recorder).mean - mean), 0.19 * rms(mean));
  const auto picture = whole.decode(latents, recorder);
  EXPECT_LE(rms(tiled.decode(latents, recorder) - picture), 0.1 * rms(picture));
}

TEST(VaeOverflow, IsSaidOnceAndRecorded) {
  namespace fs = std::filesystem;
  const weights::testing::Folder folder;
  fs::copy(kTiny, folder / "model", fs::copy_options::recursive);
  weights::testing::Tensors tensors;
  {
    const auto vae = weights::open_model(kTiny).part("vae").weights;
    for (const auto& name : vae->names()) tensors[name] = vae->load(name).to(at::kFloat);
  }
  tensors["decoder.conv_in.weight"] *= kOverflow;
  folder.write("model/vae/diffusion_pytorch_model.safetensors", weights::testing::encoded(tensors));

  TextToImage request;
  request.prompt = "a red cat";
  request.steps = 2;
  request.num_images = 2;
  const auto made = [&](DType vae_dtype, Recorder& recorder) {
    Generator generator({.model = folder / "model", .device = "cpu", .vae_dtype = vae_dtype},
                        &recorder);
    return generator.generate(request, &recorder);
  };
  Recorder exact, half;
  const auto expected = made(DType::float32, exact), found = made(DType::float16, half);
  EXPECT_TRUE(exact.warnings.empty());
  EXPECT_EQ(half.warnings, std::vector<std::string>{
                               "the VAE overflows in float16; it works in float32 from here on"});
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(found[i].image.pixels, expected[i].image.pixels);
    const auto receipt = nlohmann::json::parse(found[i].metadata.receipt);
    EXPECT_EQ(receipt["vae_dtype"], "float32");
    EXPECT_EQ(receipt["dtype"], "float32");
  }
}

}  // namespace
}  // namespace velatura::testing
