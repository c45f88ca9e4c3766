#include "families/control_models.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/config_object.h"
#include "families/controlnet_control.h"
#include "support/fixture_models.h"
#include "support/random_weights.h"
#include "support/run_program.h"

namespace velatura::families {
namespace {

namespace fs = std::filesystem;
using pipelines::BackboneInput;
using pipelines::ControlStrength;
using pipelines::Residuals;
using velatura::testing::kModels;

class Controls : public ::testing::Test {
 protected:
  Residuals residuals(const fs::path& path, const ControlStrength& strength) {
    const auto model = controls_.at(path, observer_);
    const auto traits = model->traits();
    at::manual_seed(3);
    const auto hint =
        at::rand({1, traits.hint_channels, 8 * traits.hint_factor, 8 * traits.hint_factor});
    return model->residuals({.latents = at::randn({1, 4, 8, 8}),
                             .timesteps = at::full({1}, 500.0F),
                             .conditioning = {.context = at::randn({1, 7, 16})}},
                            model->features(hint), strength);
  }

  /// A network, if not said otherwise the ControlNet, with other values in its config.
  fs::path changed(const std::string& key, const nlohmann::json& value, const fs::path& of = {}) {
    const fs::path copy = folder_.path() / key;
    fs::copy(of.empty() ? net_ : of, copy);
    nlohmann::json config = read_json(copy / "config.json");
    config[key] = value;
    std::ofstream(copy / "config.json") << config;
    return copy;
  }
  /// What a model says to a network for another one.
  std::string refusal(const fs::path& path, const std::string& model) {
    const auto files = weights::open_model(kModels + model);
    UNetControlsOutline outline(files.part("unet"), 4);
    try {
      outline.at(path, observer_);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  c10::InferenceMode inference_;
  Observer observer_;
  testing::TemporaryFolder folder_;
  const fs::path net_ = kModels + "tiny-control/net", adapter_ = kModels + "tiny-control/adapter";
  weights::ModelFiles files_ = weights::open_model(kModels + "tiny");
  UNetControls controls_{files_.part("unet"), 4, {at::kCPU, at::kFloat}};
};

TEST_F(Controls, AreScaledAllAlike) {
  const Residuals whole = residuals(net_, {}), half = residuals(net_, {.scale = 0.5});
  ASSERT_GT(whole.skips.size(), 2u);
  for (std::size_t i = 0; i < whole.skips.size(); ++i) {
    EXPECT_GT(whole.skips[i].abs().max().item<float>(), 0.0F);
    EXPECT_TRUE(at::allclose(half.skips[i], 0.5 * whole.skips[i]));
  }
  EXPECT_TRUE(at::allclose(half.mid, 0.5 * whole.mid));
}

// diffusers: logspace(-1, 0), from the shallowest to the middle.
TEST_F(Controls, AreGradedWhereTheyGuess) {
  const Residuals plain = residuals(net_, {.scale = 0.8});
  const Residuals guess = residuals(net_, {.scale = 0.8, .guess = true});
  const auto count = static_cast<double>(plain.skips.size());
  for (std::size_t i = 0; i < plain.skips.size(); ++i) {
    const double share = std::pow(10.0, static_cast<double>(i) / count - 1.0);
    EXPECT_TRUE(at::allclose(guess.skips[i], share * plain.skips[i], 1e-5, 1e-7)) << i;
  }
  EXPECT_TRUE(at::allclose(guess.mid, plain.mid));
}

TEST_F(Controls, ArePooledWhereTheirConfigSaysSo) {
  const Residuals plain = residuals(net_, {.scale = 2.0});
  const fs::path pooling = changed("global_pool_conditions", true);
  for (const bool guess : {false, true}) {
    const Residuals pooled = residuals(pooling, {.scale = 2.0, .guess = guess});
    for (std::size_t i = 0; i < plain.skips.size(); ++i) {
      const auto mean = plain.skips[i].mean(at::IntArrayRef{2, 3}, true);
      ASSERT_EQ(pooled.skips[i].sizes(), mean.sizes());
      EXPECT_TRUE(at::allclose(pooled.skips[i], mean, 1e-5, 1e-7)) << i;
    }
  }
  EXPECT_TRUE(controls_.at(pooling, observer_)->traits().pools);
}

TEST_F(Controls, OfAdaptersAreScaledToo) {
  const Residuals whole = residuals(adapter_, {}), twice = residuals(adapter_, {.scale = 2.0});
  EXPECT_TRUE(whole.skips.empty());
  ASSERT_FALSE(whole.levels.empty());
  for (std::size_t i = 0; i < whole.levels.size(); ++i) {
    EXPECT_GT(whole.levels[i].abs().max().item<float>(), 0.0F);
    EXPECT_TRUE(at::allclose(twice.levels[i], 2.0 * whole.levels[i]));
  }
}

TEST_F(Controls, OfXlEndWithTheMiddle) {
  models::T2IAdapterConfig config;
  config.xl = true;
  config.channels = {8, 8, 16, 16};
  config.downscale_factor = 16;
  const auto network = std::make_shared<models::T2IAdapter>(config);
  velatura::testing::randomise(*network);
  const T2IAdapterControl control(network, FaultFinder(files_.part("unet")));
  const auto features = control.features(at::rand({1, 3, 64, 128}));
  const Residuals added = control.residuals({}, features, {.scale = 0.5});
  EXPECT_EQ(added.levels.size(), 3u);
  EXPECT_EQ(added.levels[0].sizes(), (std::vector<std::int64_t>{1, 8, 4, 8}));
  EXPECT_EQ(added.levels[2].sizes(), (std::vector<std::int64_t>{1, 16, 2, 4}));
  EXPECT_GT(features[3].abs().max().item<float>(), 0.0F);
  EXPECT_TRUE(at::equal(added.mid, 0.5 * features[3]));
}

TEST_F(Controls, OfAnotherFamilyAreNamed) {
  EXPECT_EQ(refusal(adapter_, "tiny"), "");
  EXPECT_EQ(refusal(adapter_, "tiny-xl"),
            (adapter_ / "config.json").string() +
                ": is a T2I-Adapter for Stable Diffusion 1.x and 2.x: its levels stand for [1, 2] "
                "latents, expected [2, 2] as the model's UNet takes them");
  const fs::path xl = changed("adapter_type", "full_adapter_xl", adapter_);
  EXPECT_EQ(refusal(xl, "tiny"),
            (xl / "config.json").string() +
                ": is a T2I-Adapter for Stable Diffusion XL: its levels stand for [2, 2] latents, "
                "expected [1, 2, 2] as the model's UNet takes them");
  EXPECT_NE(refusal(net_, "tiny-xl").find("a ControlNet, whose texts are 16 wide"),
            std::string::npos);
}

// At half the latents' size, it needs an even number of them.
TEST(T2IAdaptersForXl, TakePicturesThatCanBeHalvedOnceMore) {
  models::T2IAdapterConfig config;
  EXPECT_EQ(traits_of(config).hint_factor, 8);
  EXPECT_EQ(traits_of(config).hint_multiple, 8);
  config.xl = true;
  config.downscale_factor = 16;
  EXPECT_EQ(traits_of(config).hint_factor, 8);
  EXPECT_EQ(traits_of(config).hint_multiple, 16);
}

TEST_F(Controls, ThatAreToldOtherNumbersDoNotFit) {
  nlohmann::json config = read_json(net_ / "config.json");
  config.update({{"addition_embed_type", "text_time"},
                 {"addition_time_embed_dim", 8},
                 {"projection_class_embeddings_input_dim", 60}});
  const fs::path copy = folder_.path() / "net";
  fs::copy(net_, copy);
  std::ofstream(copy / "config.json") << config;
  EXPECT_EQ(refusal(copy, "tiny"),
            (copy / "config.json").string() +
                ": addition_time_embed_dim, projection_class_embeddings_input_dim is [8, 60], "
                "expected [0, 0] as the model's UNet has it");
}

TEST_F(Controls, AreLoadedOnce) {
  EXPECT_EQ(controls_.at(net_, observer_), controls_.at(net_, observer_));
}

}  // namespace
}  // namespace velatura::families
