#include "cli/pictures/latents_file.h"

#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/device.h"
#include "velatura/error.h"
#include "weights/formats/safetensors.h"
#include "weights/write/write_safetensors.h"

namespace velatura::cli {
namespace {

constexpr const char* kTensor = "latents";
constexpr const char* kEmbeds = "image_embeds";
constexpr const char* kNegative = "negative_image_embeds";

[[noreturn]] void reject(const std::filesystem::path& path, const std::string& found) {
  throw InputError(path.string() +
                   ": expected one tensor 'latents' [B, C, h, w] of float32, found " + found);
}

[[noreturn]] void reject_embeds(const std::filesystem::path& path, const std::string& found) {
  throw InputError(path.string() +
                   ": expected tensors 'image_embeds' and, of the same shape, "
                   "'negative_image_embeds' [B, D] of float32, found " +
                   found);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

// @param shape  that it must have; empty: any with rows
std::vector<float> read_embeds(const std::filesystem::path& path,
                               const weights::SafetensorsFile& file, const char* name,
                               std::vector<std::int64_t>& shape) {
  const weights::TensorInfo info = *file.find(name);
  if (info.dtype != at::kFloat) reject_embeds(path, dtype_name(info.dtype));
  const bool fits = shape.empty() ? info.shape.size() == 2 && info.shape[0] > 0 && info.shape[1] > 0
                                  : info.shape == shape;
  if (!fits) reject_embeds(path, "'" + std::string(name) + "' " + shape_text(info.shape));
  shape = info.shape;
  const at::Tensor tensor = file.load(name);
  const float* values = tensor.const_data_ptr<float>();
  return {values, values + tensor.numel()};
}

// from_blob() takes no const data; the tensor is only read.
at::Tensor view_of(const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat);
}

}  // namespace

Latents read_latents(const std::filesystem::path& path) {
  const weights::SafetensorsFile file(path);
  const std::vector<std::string> names = file.names();
  if (names.size() != 1) reject(path, std::to_string(names.size()) + " tensors");
  if (names.front() != kTensor) reject(path, "'" + names.front() + "'");
  const weights::TensorInfo info = *file.find(kTensor);
  if (info.dtype != at::kFloat) reject(path, dtype_name(info.dtype));
  if (info.shape.size() != 4) reject(path, shape_text(info.shape));
  const at::Tensor tensor = file.load(kTensor);
  const float* values = tensor.const_data_ptr<float>();
  return {info.shape, {values, values + tensor.numel()}};
}

void write_latents(const std::filesystem::path& path, const Latents& latents) {
  weights::write_safetensors(path, {{kTensor, view_of(latents.values, latents.shape)}});
}

ImageEmbeds read_image_embeds(const std::filesystem::path& path) {
  const weights::SafetensorsFile file(path);
  for (const std::string& name : file.names())
    if (name != kEmbeds && name != kNegative) reject_embeds(path, "'" + name + "'");
  if (!file.find(kEmbeds)) reject_embeds(path, "none of them");
  ImageEmbeds embeds;
  embeds.values = read_embeds(path, file, kEmbeds, embeds.shape);
  if (file.find(kNegative)) embeds.negative = read_embeds(path, file, kNegative, embeds.shape);
  return embeds;
}

void write_image_embeds(const std::filesystem::path& path, const ImageEmbeds& embeds) {
  std::map<std::string, at::Tensor> tensors{{kEmbeds, view_of(embeds.values, embeds.shape)}};
  if (!embeds.negative.empty()) tensors.emplace(kNegative, view_of(embeds.negative, embeds.shape));
  weights::write_safetensors(path, tensors);
}

}  // namespace velatura::cli
