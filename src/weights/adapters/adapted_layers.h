#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "weights/sources/key_comparison.h"

namespace velatura::weights {

/// A layer that adapters may change.
struct AdaptedLayer {
  std::string role;                       ///< of its network: "unet", "text_encoder"
  std::string name;                       ///< diffusers': "down_blocks.0.attentions.0.proj_in"
  std::vector<std::int64_t> weight = {};  ///< shape; empty: it has none
  std::vector<std::int64_t> bias = {};    ///< likewise
};

/// The layers of a model's networks under every name that adapter files have for them. The names are
/// made from the networks' own parameters, so that what is not found fits nothing.
class AdaptedLayers {
 public:
  /// `unet.X`, `X` and `base_model.model.X` (PEFT), `lora_unet_X` and `lycoris_X` with underscores,
  /// the last but one with the original layout's block names as well; projections of attention also
  /// as diffusers' attention processors once had them, `attn1.processor.to_q`.
  /// @param parameters  names and shapes @param config  of the UNet2DConditionModel
  void add_unet(const Parameters& parameters, const nlohmann::json& config);

  /// `text_encoder.X`, `X`, `lora_te_X`, `lora_te1_X` and `lycoris_X`, with `text_model.` and
  /// without; projections also as `self_attn.to_q`. Of a second one: `text_encoder_2.X` and
  /// `lora_te2_X`.
  /// @param role        "text_encoder" or "text_encoder_2"
  /// @param parameters  of a CLIPTextModel, beginning with `text_model.`, or one with a projection
  void add_text_encoder(const std::string& role, const Parameters& parameters);

  /// Null if no layer is called that.
  const AdaptedLayer* find(std::string_view spelling) const;

  const std::deque<AdaptedLayer>& layers() const { return layers_; }

 private:
  std::vector<const AdaptedLayer*> add_layers(const std::string& role,
                                              const Parameters& parameters);
  void add_dotted(const AdaptedLayer& layer, const std::string& name,
                  std::initializer_list<const char*> prefixes);
  void add_underscored(const AdaptedLayer& layer, const std::string& name,
                       std::initializer_list<const char*> prefixes);

  std::deque<AdaptedLayer> layers_;
  std::map<std::string, const AdaptedLayer*, std::less<>> by_spelling_;
};

}  // namespace velatura::weights
