#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/config_object.h"

namespace velatura::models {

/// What goes into the time embedding beside the time, diffusers' `addition_embed_type`.
enum class AdditionEmbedding {
  none,
  text_time,   ///< the text in one vector, and numbers (SDXL)
  text_image,  ///< the text and the picture to be made, in one vector each (Kandinsky 2.1)
  image,       ///< the picture to be made (Kandinsky 2.2)
  image_hint,  ///< likewise; and a picture is told beside the latents
};

/// What becomes of what attention looks at, diffusers' `encoder_hid_dim_type`.
enum class ContextProjection {
  none,
  text_image,  ///< text_image_proj: 10 tokens of the picture to be made, then those of the text
  image,       ///< image_proj: 32 tokens of the picture to be made, and no text
};

/// Channels that a hint becomes and joins the latents with, a latent for 8×8 of its pixels.
inline constexpr std::int64_t kHintChannels = 4, kHintFactor = 8;

/// One resolution of the UNet, from the finest; settings given once for all are spelled out here.
struct UNetLevel {
  std::string down;  ///< one of down_block_types()
  std::string up;    ///< one of up_block_types()
  std::int64_t channels;
  std::int64_t layers;  ///< ResNet blocks on the way down; one more on the way up
  /// Config key attention_head_dim: of CrossAttn… blocks the number of heads, for which it is a
  /// misnomer; of SimpleCrossAttn… blocks the width of one.
  std::int64_t heads;
  std::int64_t cross_attention_dim;
  std::vector<std::int64_t>
      down_transformer_layers;                      ///< of the transformer behind each ResNet block
  std::vector<std::int64_t> up_transformer_layers;  ///< likewise
  bool only_cross_attention;
  bool operator==(const UNetLevel&) const = default;
};

/// unet/config.json of a UNet2DConditionModel; defaults are diffusers' own.
struct UNetConfig {
  std::optional<std::int64_t> sample_size;  ///< the latents' own height and width
  std::int64_t in_channels = 4;
  std::int64_t out_channels = 4;
  bool center_input_sample = false;
  bool flip_sin_to_cos = true;
  double freq_shift = 0;
  std::vector<UNetLevel> levels;
  std::string mid_block_type = "UNetMidBlock2DCrossAttn";  ///< one of mid_block_types()
  std::int64_t downsample_padding = 1;
  std::int64_t norm_num_groups = 32;
  double norm_eps = 1e-5;
  bool use_linear_projection = false;
  std::int64_t num_class_embeds = 0;  ///< 0: no class labels
  /// Width of the waves that each number told beside the text becomes, and of these and the text's one
  /// vector together (addition_embed_type "text_time"); 0: there are none.
  std::int64_t addition_time_embed_dim = 0, projection_class_embeddings_input_dim = 0;
  AdditionEmbedding addition_embed_type = AdditionEmbedding::none;
  ContextProjection encoder_hid_dim_type = ContextProjection::none;
  std::int64_t encoder_hid_dim = 0;  ///< width of the text's tokens that are projected (text_image)
                                     ///< or of the picture's vector (image, image_hint)
  std::int64_t time_cond_proj_dim = 0;  ///< of the guidance scale's waves; 0: it is told none
  bool scale_shift = false;             ///< resnet_time_scale_shift is "scale_shift"
  std::int64_t time_embedding_dim = 0;
  std::int64_t conv_in_kernel = 3;
  std::int64_t conv_out_kernel = 3;
  bool gated = false;  ///< attention_type is "gated": it can be told what stands where (GLIGEN)

  /// Width of the vector of the picture to be made, TimeConditions::image; 0: it is told none.
  std::int64_t image_embed_dim() const;

  /// @throws InputError naming what is missing, inconsistent or not supported
  static UNetConfig read(ConfigObject json);
  bool operator==(const UNetConfig&) const = default;
};

}  // namespace velatura::models
