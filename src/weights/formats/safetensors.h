#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "weights/formats/mapped_file.h"
#include "weights/formats/safetensors_header.h"
#include "weights/sources/table_source.h"

namespace velatura::weights {

/// One mapped .safetensors file. Tensors alias the mapping, which lives as long as any of them;
/// those that are not aligned to their element size are copied. See MappedFile for what happens
/// when the file changes meanwhile.
class SafetensorsFile final : public TableSource<StoredTensor> {
 public:
  /// @throws InputError as parse_safetensors_header does, or if the file cannot be read
  explicit SafetensorsFile(std::shared_ptr<const MappedFile> file);
  explicit SafetensorsFile(const std::filesystem::path& path);

  std::string where() const override { return file_->where(); }

  /// The free text pairs of the header's `__metadata__`.
  const std::map<std::string, std::string, std::less<>>& metadata() const { return metadata_; }

 private:
  TensorInfo info_of(const std::string& name, const StoredTensor& stored) const override;
  at::Tensor make(const std::string& name, const StoredTensor& stored) const override;

  std::shared_ptr<const MappedFile> file_;
  std::map<std::string, std::string, std::less<>> metadata_;
};

at::ScalarType scalar_type(StoredDtype dtype);

}  // namespace velatura::weights
