#include "layers/attention_context.h"

namespace velatura::layers {

std::vector<SideAttention> AttentionContext::pictures_at(std::size_t place) const {
  std::vector<SideAttention> seen;
  for (const auto& [keys, values, scale] : pictures) {
    seen.push_back({keys.at(place), values.at(place), scale});
  }
  return seen;
}

}  // namespace velatura::layers
