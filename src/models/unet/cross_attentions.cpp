#include "models/unet/cross_attentions.h"

#include <numeric>

namespace velatura::models {

std::vector<std::int64_t> cross_attention_widths(const UNetConfig& config) {
  std::vector<std::int64_t> widths;
  const auto append = [&](const UNetLevel& level, const std::vector<std::int64_t>& depths) {
    const auto count = std::accumulate(depths.begin(), depths.end(), std::int64_t{0});
    widths.insert(widths.end(), static_cast<std::size_t>(count), level.channels);
  };
  const auto& levels = config.levels;
  for (const UNetLevel& level : levels) {
    if (level.down.starts_with("CrossAttn")) append(level, level.down_transformer_layers);
  }
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (level->up.starts_with("CrossAttn")) append(*level, level->up_transformer_layers);
  }
  if (config.mid_block_type == "UNetMidBlock2DCrossAttn")
    append(levels.back(), {levels.back().down_transformer_layers.front()});
  return widths;
}

}  // namespace velatura::models
