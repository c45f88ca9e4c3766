#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weights/sources/renamed_source.h"

namespace velatura::weights {

/// A view of another source through rules that are run backwards: what has the name `to` there has
/// the name `from` here, and what its transform did is undone. Thirds are put together again; a
/// weight that a rule would squeeze becomes a 1x1 convolution. Of several `from` that lead to one
/// `to` the first one is taken. A `from` is here if every `to` it feeds is there.
class InvertedSource final : public WeightSource {
 public:
  /// @throws InputError if parts that are to be put together do not fit
  InvertedSource(std::shared_ptr<const WeightSource> base, const std::vector<NameRule>& rules);

  std::string where() const override { return base_->where(); }
  std::vector<std::string> names() const override;
  std::optional<TensorInfo> find(const std::string& name) const override;
  at::Tensor load(const std::string& name) const override;

 private:
  std::shared_ptr<const WeightSource> base_;
  std::map<std::string, std::vector<NameRule>, std::less<>> rules_of_;  // in the order of thirds
};

}  // namespace velatura::weights
