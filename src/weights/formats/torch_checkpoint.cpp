#include "weights/formats/torch_checkpoint.h"

#include <c10/core/ScalarType.h>

#include <algorithm>

#include "velatura/error.h"
#include "weights/formats/limits.h"
#include "weights/formats/torch_container.h"
#include "weights/formats/zip_archive.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

// The value under a key that comes once at most.
const PickledValue* find_item(const PickledDict& dict, std::string_view wanted,
                              const std::string& where) {
  const PickledValue* found = nullptr;
  for (const auto& [key, value] : dict.items) {
    const auto* name = get_if<std::string_view>(key);
    if (!name || *name != wanted) continue;
    if (found) throw InputError(where + ": key '" + std::string(wanted) + "' appears twice");
    found = &value;
  }
  return found;
}

// Where the elements of a tensor lie in its storage, which `numel` of them would fit in.
struct Extent {
  std::int64_t numel = 1;
  std::int64_t span = 1;  // from the first element to the last
};

// Nothing if the shape or the strides are impossible.
std::optional<Extent> extent_of(const PickledTensor& tensor) {
  if (tensor.shape.size() != tensor.strides.size()) return std::nullopt;
  Extent extent;
  bool empty = false;
  for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
    const std::int64_t size = tensor.shape[i], stride = tensor.strides[i];
    std::int64_t reach = 0;
    if (size < 0 || stride < 0) return std::nullopt;
    empty = empty || size == 0;
    if (__builtin_mul_overflow(extent.numel, std::max<std::int64_t>(size, 1), &extent.numel) ||
        __builtin_mul_overflow(std::max<std::int64_t>(size, 1) - 1, stride, &reach) ||
        __builtin_add_overflow(extent.span, reach, &extent.span)) {
      return std::nullopt;
    }
  }
  return empty ? Extent{0, 0} : extent;
}

TensorPlace place_tensor(const PickledTensor& tensor, const TorchContent& content,
                         const std::string& where) {
  const PickledStorage& storage = *tensor.storage;
  const auto refuse = [&](const std::string& reason) { throw InputError(where + ": " + reason); };
  const auto found = content.storages.find(storage.key);
  if (found == content.storages.end()) {
    refuse("storage '" + shown(storage.key) + "' is not in the file");
  }
  const std::size_t stored_size = c10::elementSize(storage.dtype);
  if (found->second.size() % stored_size != 0 ||
      found->second.size() / stored_size != static_cast<std::size_t>(storage.numel)) {
    refuse("storage '" + shown(storage.key) + "' of " + std::to_string(storage.numel) + " " +
           c10::toString(storage.dtype) + " is said to be in " +
           std::to_string(found->second.size()) + " bytes");
  }
  const auto part = found->second.subspan(static_cast<std::size_t>(storage.begin) * stored_size,
                                          static_cast<std::size_t>(storage.count) * stored_size);
  const std::size_t item_size = c10::elementSize(tensor.dtype);
  const auto capacity = static_cast<std::int64_t>(part.size() / item_size);
  const auto extent = extent_of(tensor);
  if (!extent || tensor.offset < 0 || tensor.offset > capacity ||
      extent->span > capacity - tensor.offset || extent->numel > capacity) {
    refuse("shape " + shape_text(tensor.shape) + ", strides " + shape_text(tensor.strides) +
           ", offset " + std::to_string(tensor.offset) + " do not fit a storage of " +
           std::to_string(capacity) + " elements");
  }
  return {tensor.dtype, tensor.shape, tensor.strides,
          part.subspan(static_cast<std::size_t>(tensor.offset) * item_size,
                       static_cast<std::size_t>(extent->span) * item_size)};
}

void check_name(std::string_view name, const std::string& where) {
  if (name.size() > kLongestName) throw InputError(where + ": its name is longer than 4096 bytes");
  if (name.find('\0') != name.npos) throw InputError(where + ": its name holds a zero byte");
}

}  // namespace

bool is_torch_checkpoint(std::span<const std::byte> file) {
  return is_zip(file) || is_pickle(file);
}

TorchCheckpoint::TorchCheckpoint(std::shared_ptr<const MappedFile> file) : file_(std::move(file)) {
  const std::string& where = file_->where();
  const auto bytes = file_->bytes();
  const TorchContent content =
      is_zip(bytes) ? read_torch_zip(bytes, where) : read_torch_legacy(bytes, where);
  const auto* root = get_if<PickledDict>(content.object.root);
  if (!root) throw InputError(where + ": not a dict of tensors, as model weights are");
  if (const auto* step = find_item(*root, "global_step", where)) {
    if (const auto* number = get_if<std::int64_t>(*step)) {
      metadata_.emplace("global_step", std::to_string(*number));
    }
  }
  if (const auto* nested = find_item(*root, "state_dict", where)) {
    root = get_if<PickledDict>(*nested);
    if (!root) throw InputError(where + ": its state_dict is not a dict");
  }
  add_tensors(*root, "", content);
  if (entries_.empty()) {
    for (const auto& [key, value] : root->items) {
      const auto* dict = get_if<PickledDict>(value);
      const auto* name = get_if<std::string_view>(key);
      if (dict != nullptr && name != nullptr) add_tensors(*dict, std::string(*name) + ".", content);
    }
  }
  if (entries_.empty()) throw InputError(where + ": there are no tensors in it");
  file_->verify();
}

void TorchCheckpoint::add_tensors(const PickledDict& dict, const std::string& prefix,
                                  const TorchContent& content) {
  const std::string& where = file_->where();
  for (const auto& [key, value] : dict.items) {
    const auto* tensor = get_if<PickledTensor>(value);
    if (!tensor) continue;
    const auto* own_name = get_if<std::string_view>(key);
    if (!own_name) throw InputError(where + ": a tensor's name is not a text");
    const std::string name = prefix + std::string(*own_name);
    const std::string place = where + ": tensor '" + shown(name) + "'";
    check_name(name, place);
    if (!entries_.emplace(name, place_tensor(*tensor, content, place)).second) {
      throw InputError(place + ": appears twice");
    }
  }
}

TensorInfo TorchCheckpoint::info_of(const std::string&, const TensorPlace& place) const {
  return {place.dtype, place.shape};
}

at::Tensor TorchCheckpoint::make(const std::string&, const TensorPlace& place) const {
  return mapped_tensor(file_, place);
}

}  // namespace velatura::weights
