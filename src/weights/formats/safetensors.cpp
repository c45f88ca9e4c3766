#include "weights/formats/safetensors.h"

#include <utility>

#include "velatura/error.h"
#include "weights/formats/mapped_tensor.h"
#include "weights/sources/names.h"

namespace velatura::weights {

SafetensorsFile::SafetensorsFile(std::shared_ptr<const MappedFile> file)
    : file_(std::move(file)), header_(parse_safetensors_header(file_->bytes(), file_->where())) {}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : SafetensorsFile(MappedFile::open(path)) {}

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
  const StoredTensor& stored = found->second;
  return mapped_tensor(file_, {scalar_type(stored.dtype),
                               stored.shape,
                               {},
                               file_->bytes().subspan(stored.begin, stored.end - stored.begin)});
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
