#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weights/sources/renamed_source.h"

namespace velatura::weights {

/// A view of another source through rules that are run backwards: what has the name `to` there has
/// the name `from` here, and what its transform did is undone. Thirds are put together again; a
/// weight that a rule would squeeze becomes a 1x1 convolution. Of several `from` that lead to one
/// `to` the first one is taken. A `from` is here if every `to` it feeds is there.
class InvertedSource final : public TableSource<std::vector<NameRule>> {
 public:
  /// @throws InputError if parts that are to be put together do not fit
  InvertedSource(std::shared_ptr<const WeightSource> base, const std::vector<NameRule>& rules);

  std::string where() const override { return base_->where(); }

 private:
  /// @param rules  in the order of thirds
  TensorInfo info_of(const std::string& name, const std::vector<NameRule>& rules) const override;
  at::Tensor make(const std::string& name, const std::vector<NameRule>& rules) const override;

  std::shared_ptr<const WeightSource> base_;
};

}  // namespace velatura::weights
