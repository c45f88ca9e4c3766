#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace velatura::weights {

/// What a tensor of an adapter file is in the formula of its layer's change.
enum class Factor {
  // LoRA (Hu et al. 2021), LoCon
  down,
  up,
  mid,
  up_bias,
  // scale and magnitude of several kinds
  alpha,
  dora_scale,        // DoRA (Liu et al. 2024) as LyCORIS has it
  magnitude_vector,  // and as PEFT does
  // LoHa (Hyeon-Woo et al. 2022)
  hada_w1_a,
  hada_w1_b,
  hada_w2_a,
  hada_w2_b,
  hada_t1,
  hada_t2,
  // LoKr (Yeh et al. 2024)
  lokr_w1,
  lokr_w1_a,
  lokr_w1_b,
  lokr_w2,
  lokr_w2_a,
  lokr_w2_b,
  lokr_t2,
  // whole differences
  diff,
  diff_b,
  w_norm,
  b_norm,
};

struct SplitKey {
  std::string layer;  ///< as the file spells it
  Factor factor;
};

/// Nothing if the key does not end as a factor's. The name that PEFT gives an adapter, as in
/// `lora_A.default.weight`, is left out.
std::optional<SplitKey> split_key(std::string_view key);

/// What a key of a kind that cannot be used is, for people: "OFT"; empty: it is none of them.
std::string_view unsupported_kind(std::string_view key);

}  // namespace velatura::weights
