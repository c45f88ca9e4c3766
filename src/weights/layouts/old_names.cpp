#include "weights/layouts/old_names.h"

#include <array>
#include <utility>

#include "weights/sources/names.h"
#include "weights/sources/renamed_source.h"

namespace velatura::weights {

std::shared_ptr<const WeightSource> with_text_model_prefix(
    std::shared_ptr<const WeightSource> text_encoder) {
  const std::string prefix = "text_model.";
  std::vector<NameRule> rules;
  for (const std::string& name : text_encoder->names()) {
    if (matches(name, "*position_ids")) continue;
    const bool outside = name.starts_with(prefix) || name == "text_projection.weight";
    rules.push_back({name, outside ? name : prefix + name});
  }
  return std::make_shared<RenamedSource>(std::move(text_encoder), rules);
}

std::shared_ptr<const WeightSource> without_position_ids(
    std::shared_ptr<const WeightSource> network) {
  std::vector<NameRule> rules;
  for (const std::string& name : network->names())
    if (!matches(name, "*position_ids")) rules.push_back({name, name});
  return std::make_shared<RenamedSource>(std::move(network), rules);
}

std::shared_ptr<const WeightSource> with_current_vae_names(
    std::shared_ptr<const WeightSource> vae) {
  constexpr auto kOldToNew = std::to_array<std::pair<const char*, const char*>>(
      {{"query", "to_q"}, {"key", "to_k"}, {"value", "to_v"}, {"proj_attn", "to_out.0"}});
  std::vector<NameRule> rules;
  for (const std::string half : {"encoder", "decoder"}) {
    const std::string attention = half + ".mid_block.attentions.0.";
    for (const auto& [from, to] : kOldToNew) {
      for (const std::string leaf : {".weight", ".bias"}) {
        rules.push_back({attention + from + leaf, attention + to + leaf, Transform::squeeze});
      }
    }
  }
  rules = with_unmapped(std::move(rules), *vae, "", {});
  return std::make_shared<RenamedSource>(std::move(vae), rules);
}

}  // namespace velatura::weights
