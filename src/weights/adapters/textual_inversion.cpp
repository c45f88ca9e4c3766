#include "weights/adapters/textual_inversion.h"

#include <ATen/TensorOperators.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <iterator>

#include "velatura/error.h"
#include "weights/adapters/made_for.h"
#include "weights/formats/checkpoint.h"
#include "weights/layouts/recognition.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

constexpr std::string_view kWebUi = "string_to_param.";  // and behind it '*', which stands for any
constexpr std::string_view kWebUiSafetensors = "emb_params";

// " (Stable Diffusion 1.x)", where it is known.
std::string in_brackets(std::int64_t width) {
  return width == 768 || width == 1024 ? " (" + model_of_width(width) + ")" : "";
}

constexpr std::string_view kFirst = "clip_l", kSecond = "clip_g";

// The one tensor that is an embedding.
std::string name_in(const WeightSource& source, TextEncoderPlace place) {
  const auto names = source.names();
  const auto has = [&names](std::string_view name) {
    return std::ranges::find(names, name) != names.end();
  };
  if (has(kFirst) && has(kSecond)) {
    if (place == TextEncoderPlace::only)
      throw InputError(source.where() +
                       ": an embedding for SDXL, with vectors for two text encoders");
    return std::string(place == TextEncoderPlace::clip_l ? kFirst : kSecond);
  }
  if (has(kWebUiSafetensors)) return std::string(kWebUiSafetensors);
  // The tokens' numbers may be tensors as well.
  std::vector<std::string> of_web_ui;
  std::ranges::copy_if(names, std::back_inserter(of_web_ui),
                       [](const std::string& name) { return name.starts_with(kWebUi); });
  if (of_web_ui.size() == 1) return of_web_ui.front();
  if (names.size() == 1) return names.front();
  refuse_kind(source, "a textual inversion embedding");
}

std::optional<TextualInversion> opened(const std::filesystem::path& file, std::int64_t width,
                                       TextEncoderPlace place, bool read) {
  const Checkpoint checkpoint = open_checkpoint(file);
  const WeightSource& source = *checkpoint.source;
  const std::string name = name_in(source, place);
  const TensorInfo info = source.find(name).value();
  const auto& shape = info.shape;
  const bool fits =
      (shape.size() == 1 || shape.size() == 2) && shape[0] > 0 && at::isFloatingType(info.dtype);
  if (!fits) {
    throw InputError(source.where() + ": not an embedding: '" + shown(name) + "' is " +
                     shape_text(shape) + ", expected one vector or several");
  }
  const bool names_place = name == kFirst || name == kSecond;
  if ((place == TextEncoderPlace::clip_l && name == kSecond) ||
      (place == TextEncoderPlace::clip_g && name == kFirst))
    return std::nullopt;
  if (place != TextEncoderPlace::only && !names_place && shape.back() != width) return std::nullopt;
  if (shape.back() != width) {
    throw InputError(source.where() + ": an embedding of width " + std::to_string(shape.back()) +
                     in_brackets(shape.back()) + ", the model's text encoder has " +
                     std::to_string(width) + in_brackets(width));
  }
  const bool names_none = names_place || name == kWebUiSafetensors || name.starts_with(kWebUi);
  TextualInversion found{names_none ? "" : name, {}};
  if (read) found.vectors = source.load(name).to(at::kFloat).reshape({-1, width}).contiguous();
  return found;
}

}  // namespace

std::optional<TextualInversion> read_textual_inversion(const std::filesystem::path& file,
                                                       std::int64_t width, TextEncoderPlace place) {
  return opened(file, width, place, /*read=*/true);
}

std::optional<TextualInversion> check_textual_inversion(const std::filesystem::path& file,
                                                        std::int64_t width,
                                                        TextEncoderPlace place) {
  return opened(file, width, place, /*read=*/false);
}

}  // namespace velatura::weights
