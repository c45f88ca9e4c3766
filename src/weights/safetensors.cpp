#include "weights/safetensors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <cstring>
#include <utility>

#include "velatura/error.h"
#include "weights/names.h"

namespace velatura::weights {

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : file_(MappedFile::open(path)),
      header_(parse_safetensors_header(file_->bytes(), file_->where())) {}

std::string SafetensorsFile::where() const {
  return file_->where();
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  names.reserve(header_.tensors.size());
  for (const auto& [name, tensor] : header_.tensors) names.push_back(name);
  return names;
}

std::optional<TensorInfo> SafetensorsFile::find(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end()) return std::nullopt;
  return TensorInfo{scalar_type(found->second.dtype), found->second.shape};
}

at::Tensor SafetensorsFile::load(const std::string& name) const {
  const auto found = header_.tensors.find(name);
  if (found == header_.tensors.end()) {
    throw InputError(where() + ": there is no tensor '" + shown(name) + "'");
  }
  file_->verify();
  const StoredTensor& stored = found->second;
  const auto options = at::TensorOptions().dtype(scalar_type(stored.dtype));
  const std::byte* const data = file_->bytes().data() + stored.begin;
  const std::size_t size = stored.end - stored.begin;
  const bool aligned = reinterpret_cast<std::uintptr_t>(data) % item_size(stored.dtype) == 0;
  if (size > 0 && aligned) {
    return at::from_blob(
        const_cast<std::byte*>(data), stored.shape,
        [file = file_, memory = std::span(data, size)](void*) mutable {
          done_reading(memory);
          file.reset();
        },
        options);
  }
  at::Tensor copy = at::empty(stored.shape, options);
  if (size > 0) std::memcpy(copy.data_ptr(), data, size);
  file_->verify();
  return copy;
}

const std::map<std::string, std::string, std::less<>>& SafetensorsFile::metadata() const {
  return header_.metadata;
}

at::ScalarType scalar_type(StoredDtype dtype) {
  switch (dtype) {
    case StoredDtype::f64:
      return at::kDouble;
    case StoredDtype::f32:
      return at::kFloat;
    case StoredDtype::f16:
      return at::kHalf;
    case StoredDtype::bf16:
      return at::kBFloat16;
    case StoredDtype::i64:
      return at::kLong;
    case StoredDtype::i32:
      return at::kInt;
    case StoredDtype::i16:
      return at::kShort;
    case StoredDtype::i8:
      return at::kChar;
    case StoredDtype::u8:
      return at::kByte;
    case StoredDtype::boolean:
      return at::kBool;
    case StoredDtype::f8_e4m3:
      return at::kFloat8_e4m3fn;
    case StoredDtype::f8_e5m2:
      return at::kFloat8_e5m2;
  }
  return at::ScalarType::Undefined;
}

}  // namespace velatura::weights
