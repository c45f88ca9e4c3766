#include "models/unet/block_registry.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "models/unet/cross_attn_mid_block.h"
#include "models/unet/resnet_down_block.h"
#include "models/unet/resnet_up_block.h"

namespace velatura::models {
namespace {

/// A kind of block by diffusers' name.
template <class Block>
struct Row {
  std::string_view name;
  std::shared_ptr<Block> (*make)(const UNetConfig& config, std::size_t level);
};

template <class Base, class Block, BlockAttention attention,
          BlockResampler resampler = BlockResampler::convolution>
std::shared_ptr<Base> make(const UNetConfig& config, std::size_t level) {
  return std::make_shared<Block>(config, level, attention, resampler);
}

template <BlockAttention attention>
std::shared_ptr<UNetMidBlock> make_mid(const UNetConfig& config, std::size_t) {
  return std::make_shared<CrossAttnMidBlock>(config, attention);
}

constexpr auto kDownBlocks = std::to_array<Row<UNetDownBlock>>({
    {"DownBlock2D", make<UNetDownBlock, ResnetDownBlock, BlockAttention::none>},
    {"CrossAttnDownBlock2D", make<UNetDownBlock, ResnetDownBlock, BlockAttention::cross>},
    {"ResnetDownsampleBlock2D",
     make<UNetDownBlock, ResnetDownBlock, BlockAttention::none, BlockResampler::resnet>},
    {"SimpleCrossAttnDownBlock2D",
     make<UNetDownBlock, ResnetDownBlock, BlockAttention::simple, BlockResampler::resnet>},
});

constexpr auto kUpBlocks = std::to_array<Row<UNetUpBlock>>({
    {"UpBlock2D", make<UNetUpBlock, ResnetUpBlock, BlockAttention::none>},
    {"CrossAttnUpBlock2D", make<UNetUpBlock, ResnetUpBlock, BlockAttention::cross>},
    {"ResnetUpsampleBlock2D",
     make<UNetUpBlock, ResnetUpBlock, BlockAttention::none, BlockResampler::resnet>},
    {"SimpleCrossAttnUpBlock2D",
     make<UNetUpBlock, ResnetUpBlock, BlockAttention::simple, BlockResampler::resnet>},
});

constexpr auto kMidBlocks = std::to_array<Row<UNetMidBlock>>({
    {"UNetMidBlock2DCrossAttn", make_mid<BlockAttention::cross>},
    {"UNetMidBlock2DSimpleCrossAttn", make_mid<BlockAttention::simple>},
    {"UNetMidBlock2D", make_mid<BlockAttention::none>},
});

std::vector<std::string> names_of(const auto& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row.name);
  return names;
}

auto make_block(const auto& rows, const std::string& name, const UNetConfig& config,
                std::size_t level) {
  const auto* const row =
      std::ranges::find_if(rows, [&](const auto& each) { return each.name == name; });
  TORCH_CHECK(row != rows.end(), "no block is called ", name);
  return row->make(config, level);
}

}  // namespace

std::vector<std::string> down_block_types() {
  return names_of(kDownBlocks);
}
std::vector<std::string> up_block_types() {
  return names_of(kUpBlocks);
}
std::vector<std::string> mid_block_types() {
  return names_of(kMidBlocks);
}

std::shared_ptr<UNetDownBlock> make_down_block(const UNetConfig& config, std::size_t level) {
  return make_block(kDownBlocks, config.levels[level].down, config, level);
}
std::shared_ptr<UNetUpBlock> make_up_block(const UNetConfig& config, std::size_t level) {
  return make_block(kUpBlocks, config.levels[level].up, config, level);
}
std::shared_ptr<UNetMidBlock> make_mid_block(const UNetConfig& config) {
  return make_block(kMidBlocks, config.mid_block_type, config, config.levels.size() - 1);
}

}  // namespace velatura::models
