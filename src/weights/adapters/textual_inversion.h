#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>

namespace velatura::weights {

/// A learned word (Gal et al. 2022).
struct TextualInversion {
  std::string token;   ///< the one that the file names; empty: it names none
  at::Tensor vectors;  ///< [V, D] float32, D the text encoder's width
};

/// Which text encoder of several a file's vectors are for, as files for models with two say it.
enum class TextEncoderPlace {
  only,    ///< there is one
  clip_l,  ///< the first of two
  clip_g,  ///< the second of two, or of a refiner
};

/// Reads a file of one tensor [D] or [V, D] under the token's name (diffusers), or web UIs' kinds, a
/// .pt file with `string_to_param` and a .safetensors file with `emb_params`.
/// @param width  that the text encoder has
/// @param place  for which the file's `clip_l` and `clip_g` are taken; other files may be for one of
///               two encoders, told by the width
/// @return  nothing where the file is for the other of two encoders
/// @throws InputError naming the file and what it is instead, or the width that it was made for
std::optional<TextualInversion> read_textual_inversion(
    const std::filesystem::path& file, std::int64_t width,
    TextEncoderPlace place = TextEncoderPlace::only);

/// The same without reading the tensor, which is undefined.
std::optional<TextualInversion> check_textual_inversion(
    const std::filesystem::path& file, std::int64_t width,
    TextEncoderPlace place = TextEncoderPlace::only);

}  // namespace velatura::weights
