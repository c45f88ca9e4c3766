#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace velatura::weights {

struct PickledGlobal;
struct PickledSequence;
struct PickledDict;
struct PickledStorage;
struct PickledTensor;

struct PickledNone {};

/// What training left behind: an object that is not made, and nothing is known of.
struct PickledPlaceholder {};

struct PickledBytes {
  std::string_view bytes;
};

/// An integer of more than 64 bits: two's complement, little-endian.
struct PickledLong {
  std::string_view bytes;
};

/// A value of a pickle. Texts are views of the pickle's bytes, pointers lead into its PickleHeap:
/// copying shares, and structures that contain themselves are as good as others.
using PickledValue =
    std::variant<PickledNone, bool, std::int64_t, double, std::string_view, PickledBytes,
                 PickledLong, PickledPlaceholder, const PickledGlobal*, PickledSequence*,
                 PickledDict*, const PickledStorage*, const PickledTensor*>;

struct PickledSequence {
  enum class Kind { list, tuple, set };
  Kind kind;
  std::vector<PickledValue> items = {};
  int depth = 1;  ///< levels of containers, itself included, when it was last filled
};

struct PickledDict {
  std::vector<std::pair<PickledValue, PickledValue>> items = {};  ///< a key may come twice
  int depth = 1;
};

/// A storage: where a tensor's elements are.
struct PickledStorage {
  at::ScalarType dtype;
  std::string_view key;
  std::int64_t numel;  ///< of the whole storage
  std::int64_t begin;  ///< of the part that is meant: all but in files of old
  std::int64_t count;
};

/// A tensor as the pickle claims it to be; nothing is checked against its storage yet.
struct PickledTensor {
  const PickledStorage* storage;
  at::ScalarType dtype;
  std::int64_t offset;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

/// Owns what the values of a pickle point to.
struct PickleHeap {
  std::deque<PickledSequence> sequences;
  std::deque<PickledDict> dicts;
  std::deque<PickledStorage> storages;
  std::deque<PickledTensor> tensors;
};

template <class T, class... Alternatives>
constexpr bool is_among(const std::variant<Alternatives...>*) {
  return (std::is_same_v<T, Alternatives> || ...);
}

/// The alternative of a value, by copy or by pointer; null if it is another.
template <class T>
const T* get_if(const PickledValue& value) {
  constexpr const PickledValue* kNone = nullptr;
  if constexpr (is_among<T>(kNone)) {
    return std::get_if<T>(&value);
  } else if constexpr (is_among<T*>(kNone)) {
    const auto* pointer = std::get_if<T*>(&value);
    return pointer ? *pointer : nullptr;
  } else {
    const auto* pointer = std::get_if<const T*>(&value);
    return pointer ? *pointer : nullptr;
  }
}

}  // namespace velatura::weights
