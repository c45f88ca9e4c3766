#include "inspection/low_rank_summary.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "weights/adapters/change_kind.h"
#include "weights/adapters/made_for.h"

namespace velatura::inspection {
namespace {

using weights::Factor;
using weights::LayerFactors;

constexpr std::size_t kMostTags = 10;

std::string part_of(std::string_view name) {
  if (name.starts_with("lora_te") || name.starts_with("text_encoder")) return "text encoder";
  if (name.starts_with("lora_unet_") || name.starts_with("unet.") ||
      name.find("attn") != std::string_view::npos) {
    return "unet";
  }
  return "other";
}

std::string kind_name(const LayerFactors& factors, const weights::ChangeKind& kind) {
  const bool decomposed = factors.has(Factor::dora_scale) || factors.has(Factor::magnitude_vector);
  return std::string(kind.name) + (decomposed ? " with DoRA" : "");
}

// Nothing for what has no rank, or no shape of it.
std::optional<std::int64_t> rank_of(const LayerFactors& factors) {
  for (const Factor factor :
       {Factor::down, Factor::hada_w1_b, Factor::lokr_w1_b, Factor::lokr_w2_b}) {
    if (!factors.has(factor)) continue;
    const auto shape = factors.shape(factor);
    if (!shape.empty()) return shape[0];
  }
  return std::nullopt;
}

std::string text_in(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? "" : found->second;
}

// kohya's {"FOLDER": {"TAG": COUNT, …}, …}
std::vector<std::pair<std::string, std::int64_t>> frequent_tags(const std::string& text) {
  const auto folders = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::map<std::string, std::int64_t> counts;
  if (!folders.is_object()) return {};
  for (const auto& folder : folders) {
    if (!folder.is_object()) continue;
    for (const auto& [tag, count] : folder.items()) {
      if (count.is_number_integer()) counts[tag] += count.get<std::int32_t>();
    }
  }
  std::vector<std::pair<std::string, std::int64_t>> tags(counts.begin(), counts.end());
  std::ranges::stable_sort(tags, [](const auto& a, const auto& b) { return a.second > b.second; });
  tags.resize(std::min(tags.size(), kMostTags));
  return tags;
}

}  // namespace

std::optional<LowRankSummary> summarise_low_rank(
    const std::shared_ptr<const weights::WeightSource>& file,
    const std::map<std::string, std::string>& metadata) {
  std::map<std::string, LayerFactors> layers;
  LowRankSummary summary;
  for (const std::string& name : file->names()) {
    const auto key = weights::split_key(name);
    if (!key) continue;
    summary.has_alpha = summary.has_alpha || key->factor == Factor::alpha;
    layers.try_emplace(key->layer, file).first->second.put(key->factor, name);
  }
  for (const auto& [name, factors] : layers) {
    const weights::ChangeKind* const kind = weights::kind_of(factors);
    if (kind == nullptr) continue;
    ++summary.modules;
    ++summary.parts[part_of(name)];
    ++summary.kinds[kind_name(factors, *kind)];
    if (const auto rank = rank_of(factors)) ++summary.ranks[*rank];
  }
  if (summary.modules == 0) return std::nullopt;
  summary.made_for = weights::made_for(*file).model;
  summary.trigger = text_in(metadata, "modelspec.trigger_phrase");
  summary.tags = frequent_tags(text_in(metadata, "ss_tag_frequency"));
  return summary;
}

}  // namespace velatura::inspection
