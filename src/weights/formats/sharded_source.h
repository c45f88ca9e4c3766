#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// Several weight files listed by an index: `{"weight_map": {tensor: file, …}}`, the files
/// named relative to the index's own folder.
class ShardedSource final : public WeightSource {
 public:
  /// @throws InputError for an index that is no such object, a file outside the folder, or shards
  ///         whose tensors are not those that the index lists
  explicit ShardedSource(const std::filesystem::path& index);

  std::string where() const override { return where_; }
  std::vector<std::string> names() const override;
  std::optional<TensorInfo> find(const std::string& name) const override;
  at::Tensor load(const std::string& name) const override;

  const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  std::string where_;
  std::vector<std::filesystem::path> files_;
  std::map<std::string, std::shared_ptr<const WeightSource>, std::less<>> shard_of_;
};

}  // namespace velatura::weights
