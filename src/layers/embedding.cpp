#include "layers/embedding.h"

namespace velatura::layers {

Embedding::Embedding(std::int64_t count, std::int64_t dim)
    : weight_(declare("weight", {count, dim})) {}

at::Tensor Embedding::forward(const at::Tensor& ids) const {
  return at::embedding(weight_, ids);
}

}  // namespace velatura::layers
