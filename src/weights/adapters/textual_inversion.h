#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

namespace velatura::weights {

/// A learned word (Gal et al. 2022).
struct TextualInversion {
  std::string token;   ///< the one that the file names; empty: it names none
  at::Tensor vectors;  ///< [V, D] float32, D the text encoder's width
};

/// Reads a file of one tensor [D] or [V, D] under the token's name (diffusers), or web UIs' kinds, a
/// .pt file with `string_to_param` and a .safetensors file with `emb_params`.
/// @param width  that the text encoder has
/// @throws InputError naming the file and what it is instead, or the width that it was made for
TextualInversion read_textual_inversion(const std::filesystem::path& file, std::int64_t width);

/// The same without reading the tensor, which is undefined.
TextualInversion check_textual_inversion(const std::filesystem::path& file, std::int64_t width);

}  // namespace velatura::weights
