#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>
#include <random>
#include <type_traits>
#include <vector>

#include "ops/type_cuda.h"

namespace velatura::ops::cuda {

template <class T>
constexpr Type type_of = std::is_same_v<T, float>    ? Type::float32
                         : std::is_same_v<T, __half> ? Type::float16
                                                     : Type::bfloat16;

/// Normal numbers in an exact heap block, so that AddressSanitizer sees what is read past it.
template <class T>
std::vector<T> random_numbers(std::int64_t count, unsigned seed, float mean = 0) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(mean);
  std::vector<T> numbers(static_cast<std::size_t>(count));
  for (T& number : numbers) number = T(normal(random));
  return numbers;
}

double value(auto number) {
  return static_cast<double>(float(number));
}

}  // namespace velatura::ops::cuda
