#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A tensor that must be there, and what its being there says.
struct TensorTest {
  std::string_view pattern;  ///< of its name; empty: no test
  std::string_view says;
  std::array<std::int64_t, 2> begins{0, 0};  ///< of its shape; 0: anything
  std::size_t rank = 0;                      ///< of its shape; 0: any
};

/// What is said for each test, with the tensor that passed; nothing unless all pass.
/// @param names  all of the file's
std::optional<std::vector<std::string>> evidence_for(std::span<const TensorTest> tests,
                                                     const WeightSource& file,
                                                     const std::vector<std::string>& names);

/// Tensors of the UNet in the original layout by which checkpoints are told.
inline constexpr std::string_view kConvIn = "model.diffusion_model.input_blocks.0.0.weight";
inline constexpr std::string_view kToK =
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight";
inline constexpr std::string_view kDeeperToK =
    "model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight";
inline constexpr std::string_view kProjIn = "model.diffusion_model.input_blocks.1.1.proj_in.weight";
inline constexpr std::string_view kDeeperProjIn =
    "model.diffusion_model.input_blocks.4.1.proj_in.weight";

/// @param count  of channels that go into the UNet @param width  of its first level
constexpr TensorTest channels(std::int64_t count, std::int64_t width = 320) {
  return {kConvIn,
          count == 4   ? "only latents go in"
          : count == 5 ? "latents and a depth map go in"
          : count == 7 ? "latents and a small picture go in"
          : count == 8 ? "latents and a picture's latents go in"
                       : "latents, a mask and a masked picture's latents go in",
          {width, count},
          4};
}

/// Of Stable Diffusion XL.
inline constexpr TensorTest kSecondTower{"conditioner.embedders.1.model.ln_final.weight",
                                         "a second text encoder"};
inline constexpr TensorTest kOnlyOpenClipG{"conditioner.embedders.0.model.ln_final.weight",
                                           "OpenCLIP-G is the only text encoder"};
inline constexpr std::string_view kLabels = "model.diffusion_model.label_emb.0.0.weight";
inline constexpr TensorTest kSizeGoesIn{kLabels, "the size goes in", {0, 2816}, 2};
inline constexpr TensorTest kScoreGoesIn{kLabels, "a score goes in", {0, 2560}, 2};

inline constexpr TensorTest kWide768{kToK, "the text is 768 wide", {0, 768}, 2};
inline constexpr TensorTest kWide1024{kToK, "the text is 1024 wide", {0, 1024}, 2};
inline constexpr TensorTest kDeeperWide1024{kDeeperToK, kWide1024.says, {0, 1024}, 2};
inline constexpr TensorTest kConvProjIn{kProjIn, "projections are convolutions", {0, 0}, 4};
inline constexpr TensorTest kLinearProjIn{kProjIn, "projections are linear", {0, 0}, 2};
inline constexpr TensorTest kDeeperLinearProjIn{kDeeperProjIn, kLinearProjIn.says, {0, 0}, 2};

}  // namespace velatura::weights
