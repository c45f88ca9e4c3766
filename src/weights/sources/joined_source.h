#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weights/sources/table_source.h"

namespace velatura::weights {

/// Several sources as one.
class JoinedSource : public TableSource<std::shared_ptr<const WeightSource>> {
 public:
  /// @param parts  no two with a name in common
  JoinedSource(std::string where, const std::vector<std::shared_ptr<const WeightSource>>& parts);

  std::string where() const final { return where_; }

 protected:
  /// With no tensor yet; a derived class enters them.
  explicit JoinedSource(std::string where) : where_(std::move(where)) {}

 private:
  TensorInfo info_of(const std::string& name,
                     const std::shared_ptr<const WeightSource>& part) const final {
    return part->find(name).value();
  }
  at::Tensor make(const std::string& name,
                  const std::shared_ptr<const WeightSource>& part) const final {
    return part->load(name);
  }

  std::string where_;
};

}  // namespace velatura::weights
