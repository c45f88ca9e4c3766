#include "weights/adapters/factor.h"

#include <array>

#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

struct Ending {
  std::string_view text;
  Factor factor;
};

constexpr auto kEndings = std::to_array<Ending>({
    {".lora_down.weight", Factor::down},
    {".lora_up.weight", Factor::up},
    {".lora_mid.weight", Factor::mid},
    {".lora_A.weight", Factor::down},
    {".lora_B.weight", Factor::up},
    {".lora_B.bias", Factor::up_bias},
    {".lora.down.weight", Factor::down},
    {".lora.up.weight", Factor::up},
    {"_lora.down.weight", Factor::down},
    {"_lora.up.weight", Factor::up},
    {".lora_linear_layer.down.weight", Factor::down},
    {".lora_linear_layer.up.weight", Factor::up},
    {".alpha", Factor::alpha},
    {".dora_scale", Factor::dora_scale},
    {".lora_magnitude_vector", Factor::magnitude_vector},
    {".lora_magnitude_vector.weight", Factor::magnitude_vector},
    {".hada_w1_a", Factor::hada_w1_a},
    {".hada_w1_b", Factor::hada_w1_b},
    {".hada_w2_a", Factor::hada_w2_a},
    {".hada_w2_b", Factor::hada_w2_b},
    {".hada_t1", Factor::hada_t1},
    {".hada_t2", Factor::hada_t2},
    {".lokr_w1", Factor::lokr_w1},
    {".lokr_w1_a", Factor::lokr_w1_a},
    {".lokr_w1_b", Factor::lokr_w1_b},
    {".lokr_w2", Factor::lokr_w2},
    {".lokr_w2_a", Factor::lokr_w2_a},
    {".lokr_w2_b", Factor::lokr_w2_b},
    {".lokr_t2", Factor::lokr_t2},
    {".diff", Factor::diff},
    {".diff_b", Factor::diff_b},
    {".w_norm", Factor::w_norm},
    {".b_norm", Factor::b_norm},
});

struct Kind {
  std::string_view pattern;
  std::string_view name;
};

constexpr auto kUnsupported = std::to_array<Kind>({
    {"*.oft_blocks", "OFT"},
    {"*.oft_diag", "OFT"},
    {"*.oft_R.*", "OFT"},
    {"*.oft_s", "OFT"},
    {"*.boft_*", "BOFT"},
    {"*.on_input", "(IA)³"},
    {"*.ia3_l*", "(IA)³"},
    {"*.a1.weight", "GLoRA"},
    {"*.a2.weight", "GLoRA"},
    {"*.b1.weight", "GLoRA"},
    {"*.b2.weight", "GLoRA"},
    {"bundle_emb.*", "embeddings bundled with a LoRA"},
    {"ip_adapter.*", "an IP-Adapter's attention (FaceID)"},
    {"image_proj.*", "an IP-Adapter's attention (FaceID)"},
});

// "x.lora_A.default.weight": "x.lora_A.weight"
std::string without_adapter_name(std::string_view key) {
  for (const std::string_view marker : {".lora_A.", ".lora_B.", ".lora_magnitude_vector."}) {
    const auto at = key.rfind(marker);
    if (at == key.npos) continue;
    const std::string_view layer = key.substr(0, at + marker.size());
    const std::string_view rest = key.substr(layer.size());
    const auto dot = rest.find('.');
    if (dot != rest.npos && rest.find('.', dot + 1) == rest.npos) {
      return std::string(layer) + std::string(rest.substr(dot + 1));
    }
    if (dot == rest.npos && rest != "weight" && rest != "bias") {
      return std::string(layer.substr(0, layer.size() - 1));
    }
  }
  return std::string(key);
}

}  // namespace

std::optional<SplitKey> split_key(std::string_view key) {
  const std::string plain = without_adapter_name(key);
  for (const auto& [text, factor] : kEndings) {
    if (plain.size() > text.size() && plain.ends_with(text)) {
      return SplitKey{plain.substr(0, plain.size() - text.size()), factor};
    }
  }
  return std::nullopt;
}

std::string_view unsupported_kind(std::string_view key) {
  for (const auto& [pattern, name] : kUnsupported) {
    if (matches(key, pattern)) return name;
  }
  return "";
}

}  // namespace velatura::weights
