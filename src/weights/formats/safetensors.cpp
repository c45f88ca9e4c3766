#include "weights/formats/safetensors.h"

#include <utility>

#include "weights/formats/mapped_tensor.h"

namespace velatura::weights {

SafetensorsFile::SafetensorsFile(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  SafetensorsHeader header = parse_safetensors_header(file_->bytes(), file_->where());
  entries_ = std::move(header.tensors);
  metadata_ = std::move(header.metadata);
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : SafetensorsFile(MappedFile::open(path)) {}

TensorInfo SafetensorsFile::info_of(const std::string&, const StoredTensor& stored) const {
  return {scalar_type(stored.dtype), stored.shape};
}

at::Tensor SafetensorsFile::make(const std::string&, const StoredTensor& stored) const {
  return mapped_tensor(file_, {scalar_type(stored.dtype),
                               stored.shape,
                               {},
                               file_->bytes().subspan(stored.begin, stored.end - stored.begin)});
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
