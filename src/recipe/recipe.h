#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/picture_texts.h"

namespace velatura::recipe {

/// What a picture was made from beside words and numbers. The file itself is not in the picture.
struct InputFile {
  std::string option;  ///< that takes it: image, mask, depth-map or latents-in
  std::string size;    ///< of a picture in pixels: "512x768"; empty: not told
  std::string sha256;  ///< of its pixels; empty: not told
};

/// What a picture says in a way that cannot be read, so that its option must be given again.
struct MissingValue {
  std::string option;
  std::string reason;  ///< a line of Recipe::unmapped
};

/// What is said of a picture whose recipe is empty.
inline constexpr std::string_view kSaysNothing = "it does not say how it was made";

/// How a picture was made, in the words of velatura's options. It comes from untrusted text: the
/// values are not checked beyond what is said here.
struct Recipe {
  std::string made_by;  ///< program and version; empty: the picture says nothing that can be read
  std::string task;     ///< the command that makes such: txt2img, img2img, inpaint, …
  /// Options without their dashes and the text they take, never empty, each once but for lists:
  /// "steps" → "20".
  /// Flags have "true".
  std::vector<std::pair<std::string, std::string>> settings;
  std::string model_hash;    ///< sha256 of the weights, or its first digits; empty if not told
  std::string refiner_hash;  ///< likewise
  std::string prior_hash;    ///< likewise
  /// sha256 of the weights of LoRAs and the like, by the names that `settings` have for them; several
  /// where files have the same name, in the order of their use.
  std::map<std::string, std::vector<std::string>, std::less<>> adapters;
  std::vector<InputFile> inputs;      ///< that velatura's receipts name
  std::vector<MissingValue> missing;  ///< options that are not in `settings`
  /// What no option says, in words; a few dozen at most.
  std::vector<std::string> unmapped;

  std::optional<std::string> find(std::string_view option) const;
};

/// Reads velatura's receipts and what stable-diffusion-webui, ComfyUI, InvokeAI, SwarmUI, Fooocus,
/// Easy Diffusion and NovelAI write.
/// @throws InputError if the file is no picture, or a damaged one
Recipe read_recipe(const std::filesystem::path& path);

/// The same from the texts of a picture. Texts that are not what their key promises leave a line
/// in `unmapped`.
Recipe recipe_of(const PictureTexts& texts);

}  // namespace velatura::recipe
