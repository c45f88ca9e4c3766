#include <c10/core/ScalarType.h>

#include "velatura/error.h"
#include "weights/formats/byte_reader.h"
#include "weights/formats/torch_container.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv;
constexpr std::int64_t kVersion = 1001;

// The pickles at the front of a file, one after the other.
class PickleQueue {
 public:
  PickleQueue(std::span<const std::byte> file, const std::string& where)
      : file_(file), where_(where) {}

  /// @param what  it is, for messages, which count bytes from its beginning
  Pickle next(const std::string& what) {
    Pickle pickle = read_pickle(file_.subspan(position_), where_ + ": " + what);
    position_ += pickle.size;
    return pickle;
  }
  std::span<const std::byte> rest() const { return file_.subspan(position_); }

 private:
  std::span<const std::byte> file_;
  const std::string& where_;
  std::size_t position_ = 0;
};

bool is_little_endian(const Pickle& properties) {
  const auto* dict = get_if<PickledDict>(properties.root);
  if (!dict) return false;
  for (const auto& [key, value] : dict->items) {
    const auto* name = get_if<std::string_view>(key);
    const bool* little = get_if<bool>(value);
    if (name && *name == "little_endian") return little && *little;
  }
  return false;
}

}  // namespace

TorchContent read_torch_legacy(std::span<const std::byte> file, const std::string& where) {
  PickleQueue pickles(file, where);
  const Pickle magic = pickles.next("magic number");
  const auto* number = get_if<PickledLong>(magic.root);
  if (!number || number->bytes != kMagic) {
    throw InputError(where + ": a pickle, but not a PyTorch checkpoint: no magic number in it");
  }
  const Pickle version = pickles.next("version");
  const auto* protocol = get_if<std::int64_t>(version.root);
  if (!protocol || *protocol != kVersion) {
    throw InputError(where + ": its version of PyTorch's format is not 1001");
  }
  if (!is_little_endian(pickles.next("properties"))) {
    throw InputError(where + ": its numbers are not little-endian");
  }
  TorchContent content{pickles.next("object"), {}};
  std::map<std::string_view, std::size_t> item_sizes;
  for (const PickledStorage& storage : content.object.heap->storages) {
    const std::size_t size = c10::elementSize(storage.dtype);
    if (item_sizes.emplace(storage.key, size).first->second != size) {
      throw InputError(where + ": storage '" + shown(storage.key) + "' is of two types");
    }
  }
  const Pickle keys = pickles.next("list of storages");
  const auto* list = get_if<PickledSequence>(keys.root);
  if (!list) throw InputError(where + ": the list of its storages is no list");
  ByteReader reader(pickles.rest(), where);
  for (const PickledValue& item : list->items) {
    const auto* key = get_if<std::string_view>(item);
    const auto size = key ? item_sizes.find(*key) : item_sizes.end();
    if (size == item_sizes.end()) {
      throw InputError(where + ": storage '" + (key ? shown(*key) : "") +
                       "' is listed, but no tensor lies in it");
    }
    const auto count = reader.number<std::uint64_t>();
    if (count > reader.remaining() / size->second) {
      throw InputError(where + ": storage '" + shown(*key) + "' of " + std::to_string(count) +
                       " elements goes beyond the end of the file (is it cut off?)");
    }
    if (!content.storages.emplace(*key, reader.take(count * size->second)).second) {
      throw InputError(where + ": storage '" + shown(*key) + "' is listed twice");
    }
  }
  if (reader.remaining() > 0) {
    throw InputError(where + ": " + std::to_string(reader.remaining()) +
                     " bytes after the last storage");
  }
  return content;
}

}  // namespace velatura::weights
