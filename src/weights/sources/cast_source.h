#pragma once

#include <memory>

#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A source whose floating point tensors have another dtype; the others stay as they are.
std::shared_ptr<const WeightSource> with_dtype(std::shared_ptr<const WeightSource> source,
                                               at::ScalarType dtype);

}  // namespace velatura::weights
