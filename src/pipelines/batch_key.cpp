#include <algorithm>
#include <initializer_list>

#include "core/text.h"
#include "samplers/names.h"
#include "velatura/generator.h"

namespace velatura {
namespace {

std::string joined(std::initializer_list<std::string> words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

template <class Enum>
std::string text_of(const std::optional<Enum>& value) {
  return value ? std::string(samplers::name_of(*value)) : "-";
}

// "640x-": a side that only the model knows is left open.
std::string size_text(std::optional<int> width, std::optional<int> height) {
  const auto side = [](std::optional<int> value) { return value ? std::to_string(*value) : "-"; };
  return side(width) + "x" + side(height);
}

template <class Task>
std::string size_of_own(const Task& task) {
  return size_text(task.width.value_or(task.image.width), task.height.value_or(task.image.height));
}

// What only one task has.
std::string words_of(const TextToImage& task) {
  return joined({"txt2img", size_text(task.width, task.height)});
}

std::string words_of(const ImageToImage& task) {
  return joined({"img2img", size_of_own(task), number_text(task.strength)});
}

std::string words_of(const DepthToImage& task) {
  return joined({"depth2img", size_of_own(task), number_text(task.strength)});
}

// With mask_crop, too, what is painted has the size that is asked for, or the model's.
std::string words_of(const Inpaint& task) {
  const auto& [left, top, right, bottom] = task.extend;
  const bool grown = !task.extend.empty() && !task.mask_crop;
  const auto size = grown ? size_text(task.width.value_or(task.image.width + left + right),
                                      task.height.value_or(task.image.height + top + bottom))
                          : size_text(task.width, task.height);
  return joined({"inpaint", size, number_text(task.strength)});
}

std::string words_of(const Upscale& task) {
  return joined({"upscale", size_text(task.image.width, task.image.height),
                 std::to_string(task.noise_level), std::to_string(task.tile),
                 std::to_string(task.tile_overlap)});
}

}  // namespace

std::string batch_key(const Request& request) {
  const PictureRequest& any = common(request);
  const SamplerOptions& sampling = any.sampling;
  return joined({std::visit([](const auto& task) { return words_of(task); }, request),
                 std::to_string(any.steps), number_text(any.guidance_scale),
                 number_text(any.guidance_rescale), text_of(sampling.sampler),
                 text_of(sampling.schedule), text_of(sampling.timestep_spacing),
                 text_of(sampling.prediction), number_text(sampling.eta)});
}

}  // namespace velatura
