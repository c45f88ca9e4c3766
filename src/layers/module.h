#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace velatura::layers {

/// A tensor that is nothing but its shape and type: one element, expanded.
inline at::Tensor without_memory(at::IntArrayRef shape, const at::TensorOptions& options = {}) {
  return at::empty({1}, options).expand(shape);
}

/// Base of every layer and model: a libtorch module whose parameters are declared as shapes.
class Module : public torch::nn::Module {
 protected:
  /// Declares a parameter of this shape without memory for it; loading gives it its tensor with
  /// set_data, which every handle sees.
  at::Tensor declare(const std::string& name, at::IntArrayRef shape) {
    return register_parameter(name, without_memory(shape), /*requires_grad=*/false);
  }

  /// Registers a child under its checkpoint name.
  template <class T, class... Args>
  std::shared_ptr<T> child(const std::string& name, Args&&... args) {
    return register_module(name, std::make_shared<T>(std::forward<Args>(args)...));
  }
};

/// Children named "0", "1", … .
template <class T>
class ModuleList : public Module {
 public:
  template <class... Args>
  T& add(Args&&... args) {
    return append(std::make_shared<T>(std::forward<Args>(args)...));
  }
  /// Takes an item of any kind of T.
  T& append(std::shared_ptr<T> item) {
    items_.push_back(register_module(std::to_string(items_.size()), std::move(item)));
    return *items_.back();
  }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  T& operator[](std::size_t i) const { return *items_[i]; }
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 private:
  std::vector<std::shared_ptr<T>> items_;
};

}  // namespace velatura::layers
