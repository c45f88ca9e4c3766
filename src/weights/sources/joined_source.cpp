#include "weights/sources/joined_source.h"

#include <c10/util/Exception.h>

namespace velatura::weights {

JoinedSource::JoinedSource(std::string where,
                           const std::vector<std::shared_ptr<const WeightSource>>& parts)
    : JoinedSource(std::move(where)) {
  for (const auto& part : parts) {
    for (const std::string& name : part->names()) {
      TORCH_CHECK(entries_.emplace(name, part).second, "two parts have a tensor ", name);
    }
  }
}

}  // namespace velatura::weights
