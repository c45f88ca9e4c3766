#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace velatura::layers {

/// A tensor that is nothing but its shape and type: one element, expanded.
at::Tensor without_memory(at::IntArrayRef shape, const at::TensorOptions& options = {});

/// Base of every layer and model: a libtorch module whose parameters are declared as shapes. The
/// libtorch module is held, not inherited, because its header alone takes seconds to compile.
class Module {
 public:
  Module();
  virtual ~Module();
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// Its parameters and those of all modules in it, under their full names
  /// ("down_blocks.0.resnets.0.conv1.weight"), in the order of their declaration. The tensors are
  /// handles: what they are given by set_data, the module has.
  std::vector<std::pair<std::string, at::Tensor>> parameters() const;

  /// Calls it with this module and all modules in it, in the order of their declaration, but for
  /// containers that are gone since only their names mattered.
  void apply(const std::function<void(Module&)>& call);

  /// To be called once its parameters have their tensors: lays them out for the operators, so that the
  /// first call does not have to. What suits an input's size is left to the first call.
  virtual void pack_weights() {}

  /// To be called before it is given its weights: they are held as ops::WeightForm::int8 where that is possible.
  virtual void hold_as_int8() {}

  /// From now on the weights of this module and of those in it wait in the host's memory, and are on a
  /// device only during a Visit. Of parameters that have their tensors there, not yet packed.
  /// @param by_layers  those of a layer that comes_alone() are there during a Visit of it only
  void offload(at::Device device, bool by_layers);

  /// Whether layers of it come and go while it computes: their weights have no lasting place.
  bool is_offloaded_by_layers() const;

  /// Whether its weights come to a device without the rest of the network's.
  virtual bool comes_alone() const { return false; }

  /// To be called after parameters of it were given other tensors in a model in use: lets go of what
  /// was made of those before, whose memory would else be held until the next call.
  virtual void forget_old_weights() {}

 protected:
  /// Declares a parameter of this shape without memory for it; loading gives it its tensor with
  /// set_data, which every handle sees.
  at::Tensor declare(const std::string& name, at::IntArrayRef shape);

  /// Registers a child under its checkpoint name.
  template <class T>
  std::shared_ptr<T> adopt(const std::string& name, std::shared_ptr<T> module) {
    add(name, *module);
    return module;
  }

  /// Makes one.
  template <class T, class... Args>
  std::shared_ptr<T> child(const std::string& name, Args&&... args) {
    return adopt(name, std::make_shared<T>(std::forward<Args>(args)...));
  }

 private:
  struct Node;   // the libtorch module
  struct Guest;  // weights that come and go together
  friend class Visit;
  void add(const std::string& name, Module& module);

  std::shared_ptr<Node> node_;
  std::unique_ptr<Guest> guest_;  // null: they stay where they are
};

/// As long as it lives a module's weights are where it computes. All that computes with a whole network
/// or with what comes_alone() begins with one; of a module that is not offloaded it does nothing.
class Visit {
 public:
  explicit Visit(const Module& module);
  ~Visit();
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;

 private:
  const Module* module_;  // null: nothing is to be done
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
    items_.push_back(adopt(std::to_string(items_.size()), std::move(item)));
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
