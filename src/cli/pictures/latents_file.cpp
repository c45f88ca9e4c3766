#include "cli/pictures/latents_file.h"

#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <string>
#include <vector>

#include "core/device.h"
#include "velatura/error.h"
#include "weights/formats/safetensors.h"
#include "weights/write/write_safetensors.h"

namespace velatura::cli {
namespace {

constexpr const char* kTensor = "latents";

[[noreturn]] void reject(const std::filesystem::path& path, const std::string& found) {
  throw InputError(path.string() +
                   ": expected one tensor 'latents' [B, C, h, w] of float32, found " + found);
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
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
  // from_blob() takes no const data; the tensor is only read.
  auto* values = const_cast<float*>(latents.values.data());
  weights::write_safetensors(path, {{kTensor, at::from_blob(values, latents.shape, at::kFloat)}});
}

}  // namespace velatura::cli
