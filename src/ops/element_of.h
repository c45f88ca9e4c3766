#pragma once

#include <c10/core/ScalarType.h>

#include "ops/element.h"

namespace velatura::ops {

inline bool has_element(c10::ScalarType dtype) {
  return dtype == c10::kFloat || dtype == c10::kBFloat16 || dtype == c10::kHalf;
}

/// @pre has_element(dtype)
inline Element element_of(c10::ScalarType dtype) {
  return dtype == c10::kFloat      ? Element::float32
         : dtype == c10::kBFloat16 ? Element::bfloat16
                                   : Element::float16;
}

}  // namespace velatura::ops
