#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/unet/block.h"
#include "models/unet/config.h"

namespace velatura::models {

/// diffusers' names of the blocks that there are.
std::vector<std::string> down_block_types();
std::vector<std::string> up_block_types();
std::vector<std::string> mid_block_types();

/// The block of a level by the name that the config has for it; of its names each must be one of
/// the above.
std::shared_ptr<UNetDownBlock> make_down_block(const UNetConfig& config, std::size_t level);
std::shared_ptr<UNetUpBlock> make_up_block(const UNetConfig& config, std::size_t level);
std::shared_ptr<UNetMidBlock> make_mid_block(const UNetConfig& config);

}  // namespace velatura::models
