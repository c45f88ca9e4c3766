#pragma once

#include <memory>
#include <string>
#include <vector>

#include "weights/sources/table_source.h"

namespace velatura::weights {

/// What is done to a tensor on its way to its new name.
enum class Transform {
  none,
  squeeze,    ///< 1x1 convolution [O, I, 1, 1] (or [O, I, 1]) to a linear [O, I]; others unchanged
  transpose,  ///< [A, B] to [B, A]
  first_third,  ///< rows 0 … R/3 of a fused projection [R, …], and so on
  second_third,
  last_third,
};

/// One tensor under another name.
struct NameRule {
  std::string from;
  std::string to;
  Transform transform = Transform::none;
};

/// A view of another source under other names: exactly the rules whose `from` is there, nothing
/// else. One `from` may feed several `to`.
class RenamedSource final : public TableSource<NameRule> {
 public:
  /// @throws InputError if two tensors that are there claim the same name
  RenamedSource(std::shared_ptr<const WeightSource> base, const std::vector<NameRule>& rules);

  std::string where() const override { return base_->where(); }
  std::string stored_name(const std::string& name) const override {
    return base_->stored_name(entries_.at(name).from);
  }

 private:
  TensorInfo info_of(const std::string& name, const NameRule& rule) const override;
  at::Tensor make(const std::string& name, const NameRule& rule) const override;

  std::shared_ptr<const WeightSource> base_;
};

/// `rules`, and every name of `base` that begins with `prefix`, is in no rule and matches none of
/// `ignored` under its own name: it will be found unexpected rather than be lost.
std::vector<NameRule> with_unmapped(std::vector<NameRule> rules, const WeightSource& base,
                                    const std::string& prefix,
                                    const std::vector<std::string>& ignored);

}  // namespace velatura::weights
