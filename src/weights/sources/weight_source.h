#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace velatura::weights {

struct TensorInfo {
  at::ScalarType dtype;
  std::vector<std::int64_t> shape;
};

/// Named tensors from somewhere: a file, several files, a renaming or merging view of another
/// source. Sources compose; whoever reads one cannot tell.
class WeightSource {
 public:
  virtual ~WeightSource() = default;

  /// The file or folder, for messages.
  virtual std::string where() const = 0;

  /// All names, sorted.
  virtual std::vector<std::string> names() const = 0;

  /// Dtype and shape without reading any data; nothing if there is no such tensor.
  virtual std::optional<TensorInfo> find(const std::string& name) const = 0;

  /// The tensor, contiguous, on the CPU, in its stored dtype. It may alias a mapped file (which it
  /// keeps alive) and must not be written to. @throws InputError if the name is not there
  virtual at::Tensor load(const std::string& name) const = 0;

  /// What a tensor that is there is called in its file, for messages.
  virtual std::string stored_name(const std::string& name) const { return name; }
};

}  // namespace velatura::weights
