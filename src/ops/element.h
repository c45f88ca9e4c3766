#pragma once

#include <cstdint>

// Files that are compiled for one instruction set include this: types, and one template that is called with
// types of those files alone.
namespace velatura::ops {

/// What numbers are in memory; kernels compute in float32.
enum class Element { float32, bfloat16, float16 };

struct Bfloat16 {
  std::uint16_t bits;
};

struct Float16 {
  std::uint16_t bits;
};

struct Int8 {
  std::int8_t number;
};

/// Calls it with a null pointer to elements. @param call  of a type of the calling file's own
template <class Call>
void with_element(Element element, const Call& call) {
  switch (element) {
    case Element::float32:
      return call(static_cast<const float*>(nullptr));
    case Element::bfloat16:
      return call(static_cast<const Bfloat16*>(nullptr));
    case Element::float16:
      return call(static_cast<const Float16*>(nullptr));
  }
}

}  // namespace velatura::ops
