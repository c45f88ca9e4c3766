// In which arithmetic a GPU's VAE works.

#include <ATen/ATen.h>
#include <ATen/record_function.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "core/device.h"
#include "core/tf32.h"
#include "families/autoencoder.h"
#include "support/random_weights.h"

namespace velatura::families {
namespace {

std::set<bool> seen;  // whether TensorFloat-32 was allowed while something was convolved

std::unique_ptr<at::ObserverContext> note(const at::RecordFunction& function) {
  if (std::string_view(function.name()) == "aten::conv2d")
    seen.insert(at::globalContext().allowTF32CuDNN());
  return nullptr;
}

// What decoding sees, and what encoding does.
std::pair<std::set<bool>, std::set<bool>> allowed(at::ScalarType asked, Autoencoder::Range range) {
  const at::Device device = choose_placement("cuda", DType::automatic).device;
  const auto load = [device](at::ScalarType dtype) {
    const nlohmann::json config{{"block_out_channels", {8}}, {"norm_num_groups", 4}};
    auto vae = std::make_shared<models::AutoencoderKL>(
        models::VaeConfig::read(ConfigObject("vae", config)));
    testing::randomise(*vae);
    for (auto& [name, value] : vae->parameters()) value.set_data(value.to(device, dtype));
    return vae;
  };
  Observer observer;
  Autoencoder vae(load, device, asked, std::nullopt, {}, range);
  const at::CallbackHandle handle = at::addGlobalCallback(at::RecordFunctionCallback(note));
  seen.clear();
  vae.decode(at::zeros({1, 4, 8, 8}), observer);
  const std::set<bool> decoding = std::exchange(seen, {});
  vae.encode(at::zeros({1, 3, 8, 8}), observer);
  at::removeCallback(handle);
  return {decoding, std::exchange(seen, {})};
}

// TensorFloat-32 has as many digits as float16.
TEST(WideVae, IsAllowedTensorFloat32WhereItStandsForFloat16) {
  const c10::InferenceMode inference;
  using Range = Autoencoder::Range;
  const std::set<bool> fast{true};
  for (const bool asked_for : {false, true}) {
    allow_tf32(asked_for);
    const std::set<bool> as_asked{asked_for};
    EXPECT_EQ(allowed(at::kFloat, Range::wide), std::pair(as_asked, as_asked));
    EXPECT_EQ(allowed(at::kFloat, Range::usual), std::pair(as_asked, as_asked));
    EXPECT_EQ(allowed(at::kHalf, Range::usual), std::pair(as_asked, as_asked));
    EXPECT_EQ(allowed(at::kHalf, Range::wide), std::pair(fast, fast));
    EXPECT_EQ(at::globalContext().allowTF32CuDNN(), asked_for);
    EXPECT_EQ(at::globalContext().allowTF32CuBLAS(), asked_for);
  }
  allow_tf32(false);
}

}  // namespace
}  // namespace velatura::families
