#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// Several sources as one.
class JoinedSource final : public WeightSource {
 public:
  /// @param parts  no two with a name in common
  JoinedSource(std::string where, const std::vector<std::shared_ptr<const WeightSource>>& parts);

  std::string where() const override { return where_; }
  std::vector<std::string> names() const override;
  std::optional<TensorInfo> find(const std::string& name) const override;
  at::Tensor load(const std::string& name) const override;

 private:
  std::string where_;
  std::map<std::string, std::shared_ptr<const WeightSource>, std::less<>> part_of_;
};

}  // namespace velatura::weights
