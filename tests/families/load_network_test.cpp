#include "families/load_network.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>

#include "core/interruption.h"
#include "velatura/error.h"
#include "weights/memory_source.h"

namespace velatura::families {
namespace {

using ::testing::ElementsAre;
using weights::Patch;
using weights::PatchableWeights;
using weights::testing::MemorySource;

bool has_memory(const at::Tensor& tensor) {
  return tensor.storage().nbytes() == tensor.nbytes();
}

/// Notes what it is told, and whether its weight was there.
struct Layer : layers::Module {
  Layer() : weight(declare("weight", {2, 3})) {}
  void pack_weights() override { told.push_back(has_memory(weight) ? "pack" : "too early"); }
  void forget_old_weights() override { told.emplace_back("forget"); }

  at::Tensor weight;
  std::vector<std::string> told;
};

struct Block : Layer {
  Block() : inner(child<Layer>("inner")) {}
  std::shared_ptr<Layer> inner;
};

struct Net : layers::Module {
  std::shared_ptr<Block> first = child<Block>("first"), second = child<Block>("second");
};

std::shared_ptr<MemorySource> source_of(const Net& net) {
  weights::testing::Tensors tensors;
  for (const auto& [name, parameter] : net.parameters())
    tensors[name] = at::ones({2, 3}, at::kHalf);
  return std::make_shared<MemorySource>(tensors);
}

struct LoadNetwork : ::testing::Test {
  c10::InferenceMode inference;
  std::shared_ptr<Net> net = std::make_shared<Net>();
  std::shared_ptr<MemorySource> source = source_of(*net);
};

TEST_F(LoadNetwork, ALayerIsLaidOutBeforeTheNextHasItsWeights) {
  std::vector<std::size_t> with_memory;
  const auto lay_out = laying_out(net, {});
  weights::load_strict(net->parameters(), *source, at::kCPU, at::kFloat, {},
                       [&](const std::string& name) {
                         lay_out(name);
                         with_memory.push_back(net->second->told.size());
                       });
  EXPECT_THAT(net->first->told,
              ElementsAre("forget", "pack", "forget", "pack"));  // its own, its inner's
  EXPECT_THAT(net->first->inner->told, ElementsAre("forget", "pack"));
  EXPECT_THAT(with_memory, ElementsAre(0, 0, 2, 4));
}

TEST_F(LoadNetwork, WhatGoesToADeviceLaterIsNotLaidOut) {
  weights::load_strict(net->parameters(), *source, at::kCPU, at::kFloat, {},
                       laying_out(net, {at::kCPU, at::kFloat, Offload::model}));
  EXPECT_THAT(net->second->inner->told, ElementsAre("forget"));
}

TEST_F(LoadNetwork, APatchIsToldToTheLayersThatItChanges) {
  PatchableWeights weights(net->parameters(), source, at::kCPU, at::kFloat, laying_out(net, {}));
  for (const auto& block : {net->first, net->second})
    block->told.clear(), block->inner->told.clear();
  weights.patch({{"second.weight", [](at::Tensor& sum, const at::Tensor&) { sum.add_(1); }}});
  EXPECT_THAT(net->second->told, ElementsAre("forget", "pack"));
  EXPECT_TRUE(net->second->inner->told.empty());
  EXPECT_TRUE(net->first->told.empty());
  EXPECT_TRUE(at::equal(net->second->weight, at::full({2, 3}, 2.0F)));
}

TEST_F(LoadNetwork, EndsBetweenLayersWhereItIsCancelled) {
  struct Impatient : Observer {
    bool cancelled() override { return true; }
  } observer;
  const Interruptible interruptible(observer);
  EXPECT_THROW(weights::load_strict(net->parameters(), *source, at::kCPU, at::kFloat, {},
                                    laying_out(net, {})),
               Interrupted);
  EXPECT_TRUE(net->first->told.empty());
  EXPECT_FALSE(has_memory(net->second->weight));
}

}  // namespace
}  // namespace velatura::families
