#include "inspection/low_rank_summary.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace velatura::inspection {
namespace {

// Ends of the names of the factor whose shape tells the rank, one for each module, and which of its
// dimensions is the rank.
struct Factor {
  std::string_view ending;
  std::size_t rank_dimension;
};
constexpr auto kFactors = std::to_array<Factor>({{".lora_down.weight", 0},
                                                 {"_lora.down.weight", 0},
                                                 {".lora.down.weight", 0},
                                                 {".lora_A.weight", 0},
                                                 {".lora_linear_layer.down.weight", 0},
                                                 {".hada_w1_b", 0},
                                                 {".lokr_w2_b", 0},
                                                 {".lokr_w1_b", 0}});

std::string part_of(std::string_view name) {
  if (name.starts_with("lora_te") || name.starts_with("text_encoder")) return "text encoder";
  if (name.starts_with("lora_unet_") || name.starts_with("unet.") ||
      name.find("attn") != std::string_view::npos) {
    return "unet";
  }
  return "other";
}

}  // namespace

std::optional<LowRankSummary> summarise_low_rank(const weights::WeightSource& file) {
  LowRankSummary summary;
  for (const std::string& name : file.names()) {
    if (name.ends_with(".alpha")) summary.has_alpha = true;
    const auto factor = std::find_if(kFactors.begin(), kFactors.end(), [&](const Factor& other) {
      return name.ends_with(other.ending);
    });
    const auto shape = file.find(name)->shape;
    if (factor == kFactors.end() || shape.size() <= factor->rank_dimension) continue;
    ++summary.modules;
    ++summary.parts[part_of(name)];
    ++summary.ranks[shape[factor->rank_dimension]];
  }
  if (summary.modules == 0) return std::nullopt;
  return summary;
}

}  // namespace velatura::inspection
