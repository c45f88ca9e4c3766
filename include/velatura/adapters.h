#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "velatura/image.h"

namespace velatura {

/// Shares of a LoRA's scale for the parts of the UNet.
struct BlockScales {
  double down = 1.0, mid = 1.0, up = 1.0;
  bool operator==(const BlockScales&) const = default;
};

/// A change of the model's weights (Hu et al. 2021, and its relatives) and how much of it is applied;
/// several add up.
struct LoraUse {
  std::filesystem::path file;
  double scale = 1.0;
  std::optional<double> text_scale = {};  ///< of the text encoder's part; absent: scale
  BlockScales blocks = {};
  bool operator==(const LoraUse&) const = default;
};

/// Textual inversion (Gal et al. 2022): a word that stands for learned vectors.
struct EmbeddingUse {
  std::string token;  ///< empty: the one that the file names, else its stem
  std::filesystem::path file;
  bool operator==(const EmbeddingUse&) const = default;
};

/// A network beside the UNet that is shown a picture (ControlNet, Zhang et al. 2023; T2I-Adapter, Mou
/// et al. 2023).
struct ControlUse {
  std::filesystem::path model;
  Image image = {};
  double scale = 1.0;
  double start = 0.0, end = 1.0;    ///< shares of the steps between which it works
  std::string preprocess = "none";  ///< how the picture becomes the hint: "canny:100:200"
};

/// Where something is to be (GLIGEN, Li et al. 2023): a phrase and its box, in shares of the
/// picture's sides from the top left.
struct Grounding {
  std::string phrase;
  double left = 0.0, top = 0.0, right = 1.0, bottom = 1.0;
  bool operator==(const Grounding&) const = default;
};

/// A picture in the place of words (IP-Adapter, Ye et al. 2023).
struct PicturePrompt {
  std::filesystem::path adapter;  ///< empty: a further picture for the adapter before
  Image image = {};
  double scale = 1.0;
  double start = 0.0, end = 1.0;  ///< shares of the steps between which it works
};

/// A text or a picture, of which several are mixed into one (Kandinsky).
struct MixItem {
  std::string text = {};  ///< not looked at where there is a picture
  Image image = {};
  /// Absent: of what the others leave of 1, an equal share.
  std::optional<double> weight = {};
};

/// What CLIP sees in pictures, a vector each, as it travels in and out of files: float32, row-major.
struct ImageEmbeds {
  std::vector<std::int64_t> shape;  ///< [B, D]
  std::vector<float> values;
  std::vector<float> negative = {};  ///< to keep away from, of the same shape; empty: not told
};

}  // namespace velatura
