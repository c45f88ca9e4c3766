#pragma once

#include <vector>

#include "velatura/adapters.h"

namespace velatura::pipelines {

/// Changes of a model's weights that requests ask for: LoRA and its relatives.
class WeightAdapters {
 public:
  virtual ~WeightAdapters() = default;

  /// From now on exactly these are in the weights, each added to the model's own; none: the model as
  /// it was loaded, to the bit. What is there already is not done again. Of an outline: only checked.
  /// @throws InputError naming the file and what does not fit; nothing has changed then
  virtual void apply(const std::vector<LoraUse>& loras) = 0;
};

}  // namespace velatura::pipelines
