#include "inspection/memory_estimate.h"

#include <algorithm>

namespace velatura::inspection {

PeakMemory estimate_memory(std::int64_t parameters, const models::VaeConfig& vae,
                           std::int64_t latent_size) {
  constexpr std::int64_t program = std::int64_t{300} << 20, largest_tile = 192;
  const std::int64_t side = std::min(latent_size, largest_tile) * vae.factor();
  const auto& channels = vae.block_out_channels;
  const std::int64_t layer = side * side * channels[std::min<std::size_t>(1, channels.size() - 1)];
  return {.float32 = program + parameters * 4 + layer * 12,
          .bfloat16 = program + parameters * 2 + layer * 10};
}

}  // namespace velatura::inspection
