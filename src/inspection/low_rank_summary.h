#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::inspection {

/// Changes to another model (LoRA and its relatives), from their names, shapes and metadata.
struct LowRankSummary {
  std::size_t modules = 0;  ///< layers that are changed
  std::map<std::string, std::size_t>
      parts;  ///< how many of them in "unet", "text encoder", "other"
  std::map<std::string, std::size_t> kinds;   ///< layers of each: "LoRA", "LoHa", "DoRA", …
  std::map<std::int64_t, std::size_t> ranks;  ///< layers of each rank, of those that have one
  bool has_alpha = false;                     ///< layers scale by alpha / rank; else by 1
  std::string made_for;                       ///< "Stable Diffusion 1.x"; empty: not known
  std::string trigger;                        ///< the phrase that its metadata names
  /// Words of the captions that it was trained with and how often they came, the most frequent first;
  /// a few.
  std::vector<std::pair<std::string, std::int64_t>> tags;
};

/// Nothing if there is no factor in it.
std::optional<LowRankSummary> summarise_low_rank(
    const std::shared_ptr<const weights::WeightSource>& file,
    const std::map<std::string, std::string>& metadata);

}  // namespace velatura::inspection
