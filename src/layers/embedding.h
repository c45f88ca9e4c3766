#pragma once

#include "layers/module.h"

namespace velatura::layers {

/// A table of vectors: ids [...] int64 → [..., dim].
class Embedding : public Module {
 public:
  Embedding(std::int64_t count, std::int64_t dim);
  at::Tensor forward(const at::Tensor& ids) const;

 private:
  at::Tensor weight_;  // [count, dim]
};

}  // namespace velatura::layers
