#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "velatura/error.h"
#include "weights/sources/names.h"
#include "weights/sources/weight_source.h"

namespace velatura::weights {

/// A source with a table of what its tensors are made from, an entry each.
template <class Entry>
class TableSource : public WeightSource {
 public:
  std::vector<std::string> names() const final {
    std::vector<std::string> names;
    names.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
  }

  std::optional<TensorInfo> find(const std::string& name) const final {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return std::nullopt;
    return info_of(name, found->second);
  }

  at::Tensor load(const std::string& name) const final {
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
      throw InputError(where() + ": there is no tensor '" + shown(name) + "'");
    }
    return make(name, found->second);
  }

 protected:
  virtual TensorInfo info_of(const std::string& name, const Entry& entry) const = 0;
  /// The tensor, as load() gives it.
  virtual at::Tensor make(const std::string& name, const Entry& entry) const = 0;

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace velatura::weights
