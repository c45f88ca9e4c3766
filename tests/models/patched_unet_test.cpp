#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include "models/fixture.h"
#include "models/unet/unet_2d_condition_model.h"
#include "support/compare.h"
#include "support/random_weights.h"
#include "weights/memory_source.h"
#include "weights/patchable_weights.h"

namespace velatura::testing {
namespace {

using weights::Patch;
using weights::testing::MemorySource;
using weights::testing::Tensors;

/// A small UNet whose weights are stored in a half type and used in another.
class PatchedUNet : public ::testing::TestWithParam<at::ScalarType> {
 protected:
  std::shared_ptr<models::UNet2DConditionModel> empty() const {
    return std::make_shared<models::UNet2DConditionModel>(models::UNetConfig::read(config_));
  }
  Tensors stored() const {
    const auto unet = empty();
    randomise(*unet);
    Tensors tensors;
    for (const auto& [name, value] : unet->parameters()) tensors[name] = value.to(at::kHalf);
    return tensors;
  }
  at::Tensor output(const models::UNet2DConditionModel& unet) const {
    const auto& config = unet.config();
    return unet.forward(normal(1, {1, config.in_channels, 8, 8}).to(GetParam()),
                        at::full({1}, 500.0F),
                        {normal(2, {1, 5, config.levels[0].cross_attention_dim}).to(GetParam())});
  }
  /// What a module with these weights from the beginning gives.
  at::Tensor output_of(const Tensors& tensors) const {
    const auto unet = empty();
    const MemorySource source(tensors);
    weights::load_strict(unet->parameters(), source, at::kCPU, GetParam());
    return output(*unet);
  }
  /// Of one weight of each kind of layer and all that one name says.
  std::vector<Patch> patches(double scale, const std::string& part) const {
    std::vector<Patch> result;
    for (const auto& [name, tensor] : base_) {
      if (name.find(part) == std::string::npos) continue;
      result.push_back({name, [scale](at::Tensor& sum, const at::Tensor&) {
                          sum.add_(normal(7, sum.sizes()), scale);
                        }});
    }
    EXPECT_FALSE(result.empty()) << part;
    return result;
  }
  Tensors merged(const std::vector<Patch>& patches) const {
    Tensors tensors = base_;
    for (const auto& patch : patches) {
      at::Tensor sum = tensors[patch.name].to(at::kFloat);
      patch.add(sum, tensors[patch.name]);
      tensors[patch.name] = sum;
    }
    return tensors;
  }

  c10::InferenceMode inference_;
  const ModelFixture fixture_{"unet"};
  const ConfigObject config_ = fixture_.config(ModelFixture::names("unet").front());
  const Tensors base_ = stored();
};

}  // namespace

TEST_P(PatchedUNet, IsAsIfItHadBeenLoadedSoAndGoesBackToItsBits) {
  const auto unet = empty();
  weights::PatchableWeights weights(unet->parameters(), std::make_shared<MemorySource>(base_),
                                    at::kCPU, GetParam());
  const at::Tensor before = output(*unet);
  for (const char* part :
       {"to_q.weight", "to_out.0.weight", "conv1.weight", "proj_in", "norm", "bias", ""}) {
    const auto some = patches(0.1, part);
    weights.patch(some);
    const at::Tensor patched = output(*unet);
    EXPECT_TRUE(at::equal(patched, output_of(merged(some)))) << part;
    EXPECT_FALSE(at::equal(patched, before)) << part;
    weights.patch({});
    EXPECT_TRUE(at::equal(output(*unet), before)) << part;
  }
}

TEST_P(PatchedUNet, HasThePatchesThatWereAskedForLast) {
  const auto unet = empty();
  weights::PatchableWeights weights(unet->parameters(), std::make_shared<MemorySource>(base_),
                                    at::kCPU, GetParam());
  weights.patch(patches(0.3, "to_k.weight"));  // before the first use
  const auto others = patches(-0.2, "to_v.weight");
  weights.patch(others);
  EXPECT_TRUE(at::equal(output(*unet), output_of(merged(others))));
}

TEST_P(PatchedUNet, StaysAsItIsWhereAPatchFitsNothing) {
  const auto unet = empty();
  weights::PatchableWeights weights(unet->parameters(), std::make_shared<MemorySource>(base_),
                                    at::kCPU, GetParam());
  const auto some = patches(0.1, "to_q.weight");
  weights.patch(some);
  const at::Tensor before = output(*unet);
  auto wrong = patches(5, "to_k.weight");
  wrong.push_back({"no.such.weight", [](at::Tensor&, const at::Tensor&) {}});
  EXPECT_THROW(weights.patch(wrong), InputError);
  EXPECT_TRUE(at::equal(output(*unet), before));
}

INSTANTIATE_TEST_SUITE_P(Types, PatchedUNet, ::testing::Values(at::kFloat, at::kBFloat16),
                         [](const auto& info) { return std::string(c10::toString(info.param)); });

}  // namespace velatura::testing
