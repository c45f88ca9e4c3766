#pragma once

#include <cstddef>

namespace velatura::tokenizer {

constexpr std::size_t kLargestFile = 64u << 20;  ///< bytes, of a vocabulary or its merges

}  // namespace velatura::tokenizer
