#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "weights/sources/weight_source.h"

namespace velatura::inspection {

/// Low-rank changes to another model (LoRA and its relatives), from their names and shapes.
struct LowRankSummary {
  std::size_t modules = 0;  ///< layers that are changed
  std::map<std::string, std::size_t>
      parts;  ///< how many of them in "unet", "text encoder", "other"
  std::map<std::int64_t, std::size_t> ranks;  ///< modules of each rank
  bool has_alpha = false;                     ///< modules scale by alpha / rank; else by 1
};

/// Nothing if there is no low-rank factor in it.
std::optional<LowRankSummary> summarise_low_rank(const weights::WeightSource& file);

}  // namespace velatura::inspection
