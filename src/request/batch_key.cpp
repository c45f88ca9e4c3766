#include <algorithm>

#include "request/fields.h"
#include "request/values.h"
#include "velatura/generator.h"

namespace velatura {
namespace {

// "640x-": a side that only the model knows is left open.
std::string size_text(std::optional<int> width, std::optional<int> height) {
  const auto side = [](std::optional<int> value) { return value ? std::to_string(*value) : "-"; };
  return side(width) + "x" + side(height);
}

// The size that is denoised, as far as the request says it.
std::string size_of(const TextToImage& task) {
  return size_text(task.width, task.height);
}

std::string size_of(const Variations& task) {
  return size_text(task.width, task.height);
}

std::string size_of(const Upscale& task) {
  const std::string size = size_text(task.image.width, task.image.height);
  return task.fit == Fit::pad ? size : size + " less";  // where the VAE's factor does not divide it
}

// With mask_crop, too, what is painted has the size that is asked for, or the model's.
std::string size_of(const Inpaint& task) {
  const auto& [left, top, right, bottom] = task.extend;
  if (task.extend.empty() || task.mask_crop) return size_text(task.width, task.height);
  return size_text(task.width.value_or(task.image.width + left + right),
                   task.height.value_or(task.image.height + top + bottom));
}

template <class Task>  // ImageToImage, DepthToImage
std::string size_of(const Task& task) {
  return size_text(task.width.value_or(task.image.width), task.height.value_or(task.image.height));
}

}  // namespace

std::string batch_key(const Request& request) {
  std::string key(request::task_name(request));
  key += " " + std::visit([](const auto& task) { return size_of(task); }, request);
  request::each_field(request,
                      [&key](const request::Field& field, const request::ConstPlace& place) {
                        if (field.in_batch != request::InBatch::must_agree) return;
                        const std::string text = request::text_of(field, place);
                        key += " " + (text.empty() ? "-" : text);
                      });
  return key;
}

}  // namespace velatura
