#include "inspection/weight_file.h"

#include <utility>

#include "weights/formats/file_hash.h"

namespace velatura::inspection {

WeightFile inspect_weight_file(const std::filesystem::path& path, bool hash) {
  std::string sha256 = hash ? weights::sha256_file(path) : weights::cached_sha256(path);
  return {path, std::filesystem::file_size(path), std::move(sha256)};
}

}  // namespace velatura::inspection
