#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "weights/formats/mapped_file.h"
#include "weights/formats/safetensors_header.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// One mapped .safetensors file. Tensors alias the mapping, which lives as long as any of them;
/// those that are not aligned to their element size are copied. See MappedFile for what happens
/// when the file changes meanwhile.
class SafetensorsFile final : public WeightSource {
 public:
  /// @throws InputError as parse_safetensors_header does, or if the file cannot be read
  explicit SafetensorsFile(std::shared_ptr<const MappedFile> file);
  explicit SafetensorsFile(const std::filesystem::path& path);

  std::string where() const override;
  std::vector<std::string> names() const override;
  std::optional<TensorInfo> find(const std::string& name) const override;
  at::Tensor load(const std::string& name) const override;

  /// The free text pairs of the header's `__metadata__`.
  const std::map<std::string, std::string, std::less<>>& metadata() const;

 private:
  std::shared_ptr<const MappedFile> file_;
  SafetensorsHeader header_;
};

at::ScalarType scalar_type(StoredDtype dtype);

}  // namespace velatura::weights
