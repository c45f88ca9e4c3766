#include "models/unet/cross_attentions.h"

namespace velatura::models {

std::vector<std::int64_t> cross_attention_widths(const UNetConfig& config) {
  std::vector<std::int64_t> widths;
  const auto append = [&](const UNetLevel& level, std::int64_t transformers) {
    const auto count = static_cast<std::size_t>(transformers * level.transformer_layers);
    widths.insert(widths.end(), count, level.channels);
  };
  const auto& levels = config.levels;
  for (const UNetLevel& level : levels) {
    if (level.down.starts_with("CrossAttn")) append(level, level.layers);
  }
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (level->up.starts_with("CrossAttn")) append(*level, level->layers + 1);
  }
  append(levels.back(), 1);
  return widths;
}

}  // namespace velatura::models
