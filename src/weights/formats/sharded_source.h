#pragma once

#include <filesystem>
#include <vector>

#include "weights/sources/joined_source.h"

namespace velatura::weights {

/// Several weight files listed by an index: `{"weight_map": {tensor: file, …}}`, the files
/// named relative to the index's own folder.
class ShardedSource final : public JoinedSource {
 public:
  /// @throws InputError for an index that is no such object, a file outside the folder, or shards
  ///         whose tensors are not those that the index lists
  explicit ShardedSource(const std::filesystem::path& index);

  const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  std::vector<std::filesystem::path> files_;
};

}  // namespace velatura::weights
