#include "weights/adapters/made_for.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "weights/adapters/factor.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

struct ModelMark {
  std::string_view pattern;
  std::string_view model;
  std::string_view says;
};

// Names that only adapters of one family have.
constexpr auto kModelMarks = std::to_array<ModelMark>({
    {"lora_te2_*", "Stable Diffusion XL", "a second text encoder"},
    {"text_encoder_2.*", "Stable Diffusion XL", "a second text encoder"},
    {"lora_unet_*_transformer_blocks_1_*", "Stable Diffusion XL", "deep transformers"},
    {"*attentions.*.transformer_blocks.1.*", "Stable Diffusion XL", "deep transformers"},
    {"*double_blocks*", "Flux", "blocks of Flux"},
    {"*single_transformer_blocks*", "Flux", "blocks of Flux"},
    {"*joint_blocks*", "Stable Diffusion 3", "blocks of an MMDiT"},
    {"transformer.transformer_blocks*", "Stable Diffusion 3", "blocks of an MMDiT"},
});

// Layers that are as wide as the text; those of the UNet tell more.
using Endings = std::array<std::string_view, 3>;
constexpr Endings kSeeText{"attn2_to_k", "attn2.to_k", "attn2.processor.to_k"};
constexpr Endings kText{"self_attn_q_proj", "self_attn.q_proj", "self_attn.to_q"};

bool ends_with_one(std::string_view layer, const Endings& endings) {
  return std::ranges::any_of(endings, [&](auto ending) { return layer.ends_with(ending); });
}

// Columns of the weight that a factor belongs to; 0: they are not told by it alone.
std::int64_t columns(const WeightSource& file, const std::string& key, Factor factor) {
  const auto shape = file.find(key)->shape;
  const bool tells =
      factor == Factor::down || factor == Factor::hada_w1_b || factor == Factor::diff;
  return tells && shape.size() >= 2 ? shape[1] : 0;
}

}  // namespace

std::string model_of_width(std::int64_t width) {
  constexpr auto kWidths =
      std::to_array<std::pair<std::int64_t, std::string_view>>({{768, "Stable Diffusion 1.x"},
                                                                {1024, "Stable Diffusion 2.x"},
                                                                {2048, "Stable Diffusion XL"}});
  const auto* const known =
      std::ranges::find(kWidths, width, [](const auto& row) { return row.first; });
  if (known != kWidths.end()) return std::string(known->second);
  return "a model whose text is " + std::to_string(width) + " wide";
}

MadeFor made_for(const WeightSource& file) {
  const std::vector<std::string> names = file.names();
  for (const ModelMark& mark : kModelMarks) {
    const auto found = std::ranges::find_if(
        names, [&](const std::string& name) { return matches(name, mark.pattern); });
    if (found == names.end()) continue;
    const auto key = split_key(*found);
    return {std::string(mark.model), key ? key->layer : *found, 0,
            shown(*found) + " tells " + std::string(mark.says)};
  }
  for (const auto& endings : {kSeeText, kText}) {
    for (const std::string& name : names) {
      const auto key = split_key(name);
      if (!key || !ends_with_one(key->layer, endings)) continue;
      const std::int64_t width = columns(file, name, key->factor);
      if (width == 0) continue;
      return {model_of_width(width), key->layer, width,
              shown(name) + " is " + shape_text(file.find(name)->shape)};
    }
  }
  return {};
}

}  // namespace velatura::weights
