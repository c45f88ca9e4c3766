#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inspection/low_rank_summary.h"
#include "inspection/weight_file.h"
#include "weights/layouts/recognition.h"

namespace velatura::inspection {

struct LargeTensor {
  std::string name;  ///< fit to be shown
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::int64_t elements = 0;
};

/// What there is to know from its header about a weight file that is no model to be used.
struct FileSummary {
  std::string what;  ///< "a LoRA, not a model of its own"; empty: not known
  std::vector<std::string> evidence;
  std::string refusal;  ///< why it cannot be used as a model
  std::size_t tensors = 0;
  std::int64_t elements = 0;
  std::map<std::string, std::int64_t> dtypes;  ///< elements of each
  std::vector<LargeTensor> largest;            ///< at most five
  std::optional<LowRankSummary> low_rank;
  std::map<std::string, std::string> metadata;
  WeightFile file;
};

/// @param path     a file, or the folder of a ControlNet or a T2I-Adapter
/// @param refusal  see FileSummary @param hash  see inspect_weight_file
/// @throws InputError if the file holds no tensors in a known format
FileSummary summarise_file(const std::filesystem::path& path, const std::string& refusal,
                           bool hash);

}  // namespace velatura::inspection
