#include "weights/formats/pickle_torch.h"

#include <span>

#include "velatura/error.h"
#include "weights/formats/limits.h"

namespace velatura::weights {
namespace {

using Items = std::span<const PickledValue>;

const PickledSequence* as_tuple(const PickledValue& value) {
  const auto* sequence = get_if<PickledSequence>(value);
  return sequence && sequence->kind == PickledSequence::Kind::tuple ? sequence : nullptr;
}

// The items of a tuple that are claimed to be of some type.
class Arguments {
 public:
  Arguments(const PickledValue& tuple, std::string what, const std::string& where)
      : what_(std::move(what)), where_(where) {
    const PickledSequence* sequence = as_tuple(tuple);
    if (!sequence) refuse("not a tuple");
    items_ = sequence->items;
  }

  [[noreturn]] void refuse(const std::string& reason) const {
    throw InputError(where_ + ": " + what_ + ": " + reason);
  }

  void expect(std::size_t fewest, std::size_t most) const {
    if (items_.size() >= fewest && items_.size() <= most) return;
    refuse(std::to_string(items_.size()) + " values, expected " + std::to_string(fewest) + " to " +
           std::to_string(most));
  }

  std::size_t size() const { return items_.size(); }
  const PickledValue& operator[](std::size_t i) const { return items_[i]; }

  template <class T>
  const T& get(std::size_t i, const std::string& type) const {
    const T* value = get_if<T>(items_[i]);
    if (!value) refuse("value " + std::to_string(i) + " is not " + type);
    return *value;
  }

  std::int64_t number(std::size_t i) const { return get<std::int64_t>(i, "an integer"); }

  const PickledGlobal& global(std::size_t i, GlobalRole role, const std::string& type) const {
    const auto& global = get<PickledGlobal>(i, type);
    if (global.role != role) refuse("value " + std::to_string(i) + " is not " + type);
    return global;
  }

  std::vector<std::int64_t> numbers(std::size_t i) const {
    const PickledSequence* sequence = as_tuple(items_[i]);
    if (!sequence) refuse("value " + std::to_string(i) + " is not a tuple");
    if (sequence->items.size() > kMostDimensions) refuse("more than 64 dimensions");
    std::vector<std::int64_t> numbers;
    for (const PickledValue& item : sequence->items) {
      const auto* number = get_if<std::int64_t>(item);
      if (!number) refuse("value " + std::to_string(i) + " is not a tuple of integers");
      numbers.push_back(*number);
    }
    return numbers;
  }

 private:
  Items items_;
  std::string what_;
  const std::string& where_;
};

PickledTensor read_tensor(const Arguments& arguments, GlobalRole role) {
  const bool own_dtype = role == GlobalRole::tensor_of_dtype;
  if (own_dtype) {
    arguments.expect(7, 8);
  } else {
    arguments.expect(4, 7);
  }
  // Flags such as "negated", which change what the elements mean.
  const std::size_t metadata = own_dtype ? 7 : 6;
  if (arguments.size() > metadata && !get_if<PickledNone>(arguments[metadata])) {
    const auto* dict = get_if<PickledDict>(arguments[metadata]);
    if (!dict || !dict->items.empty()) arguments.refuse("tensors with flags are not supported");
  }
  const auto& storage = arguments.get<PickledStorage>(0, "a storage");
  const auto dtype =
      own_dtype ? arguments.global(6, GlobalRole::dtype, "a dtype").dtype : storage.dtype;
  return {&storage, dtype, arguments.number(1), arguments.numbers(2), arguments.numbers(3)};
}

}  // namespace

PickledStorage read_storage(const PickledValue& persistent_id, const std::string& where) {
  const Arguments id(persistent_id, "persistent id", where);
  id.expect(5, 6);
  if (id.get<std::string_view>(0, "text") != "storage") id.refuse("it names no storage");
  const auto& type = id.global(1, GlobalRole::storage, "a storage type");
  const std::int64_t numel = id.number(4);
  PickledStorage storage{type.dtype, id.get<std::string_view>(2, "text"), numel, 0, numel};
  if (id.size() == 6 && !get_if<PickledNone>(id[5])) {
    const Arguments view(id[5], "view of a storage", where);
    view.expect(3, 3);
    storage.begin = view.number(1);
    storage.count = view.number(2);
  }
  if (numel < 0 || storage.begin < 0 || storage.count < 0 || storage.begin > numel ||
      storage.count > numel - storage.begin) {
    id.refuse(std::to_string(storage.count) + " elements from element " +
              std::to_string(storage.begin) + " do not lie in a storage of " +
              std::to_string(numel));
  }
  return storage;
}

PickledValue read_call(const PickledValue& callable, const PickledValue& arguments,
                       PickleHeap& heap, const std::string& where) {
  const auto* function = get_if<PickledGlobal>(callable);
  if (!function) throw InputError(where + ": what is called is no name of Python");
  const Arguments values(arguments, std::string(function->name), where);
  switch (function->role) {
    case GlobalRole::ordered_dict:
      values.expect(0, 0);
      return &heap.dicts.emplace_back();
    case GlobalRole::tensor:
    case GlobalRole::tensor_of_dtype:
      return &heap.tensors.emplace_back(read_tensor(values, function->role));
    case GlobalRole::parameter:
      values.expect(2, 3);
      return &values.get<PickledTensor>(0, "a tensor");
    case GlobalRole::inert:
      return PickledPlaceholder{};
    case GlobalRole::parameter_dict:
    case GlobalRole::storage:
    case GlobalRole::dtype:
      break;
  }
  values.refuse("cannot be called");
}

}  // namespace velatura::weights
