#include "weights/formats/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/failed_download.h"
#include "velatura/error.h"
#include "weights/formats/file_kind.h"
#include "weights/formats/limits.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

constexpr std::uint64_t kLongestHeader = 100'000'000;
constexpr std::size_t kHead = 4096;  ///< bytes that tell what else a file is
constexpr std::string_view kMetadata = "__metadata__";

struct DtypeRow {
  std::string_view name;
  StoredDtype dtype;
  std::size_t size;
};
constexpr auto kDtypes = std::to_array<DtypeRow>({
    {"F64", StoredDtype::f64, 8},
    {"F32", StoredDtype::f32, 4},
    {"F16", StoredDtype::f16, 2},
    {"BF16", StoredDtype::bf16, 2},
    {"I64", StoredDtype::i64, 8},
    {"I32", StoredDtype::i32, 4},
    {"I16", StoredDtype::i16, 2},
    {"I8", StoredDtype::i8, 1},
    {"U8", StoredDtype::u8, 1},
    {"BOOL", StoredDtype::boolean, 1},
    {"F8_E4M3", StoredDtype::f8_e4m3, 1},
    {"F8_E5M2", StoredDtype::f8_e5m2, 1},
});

const DtypeRow& row(StoredDtype dtype) {
  return *std::find_if(kDtypes.begin(), kDtypes.end(),
                       [&](const DtypeRow& candidate) { return candidate.dtype == dtype; });
}

// What one entry says, before it is known to be complete.
struct Entry {
  std::optional<StoredDtype> dtype;
  std::optional<std::vector<std::int64_t>> shape;
  std::optional<std::vector<std::uint64_t>> offsets;
};

// Builds the table while the JSON is read, so that a repeated key is seen and nothing nests deeper
// than the format does. Every callback either accepts the token or throws.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(const std::string& where) : where_(where) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    if (state_ == State::start) return enter(State::names);
    if (state_ == State::value && name_ == kMetadata) return enter(State::metadata);
    if (state_ == State::value) return enter(State::fields);
    unexpected("an object");
  }

  bool key(std::string& key) override {
    if (state_ == State::names) {
      check_name(key);
      name_ = key;
      if (header_.tensors.contains(name_) || (name_ == kMetadata && metadata_seen_)) {
        fail("appears twice");
      }
      metadata_seen_ = metadata_seen_ || name_ == kMetadata;
      entry_ = {};
      return enter(State::value);
    }
    field_ = key;
    if (state_ == State::metadata) {
      if (header_.metadata.contains(field_)) fail("key '" + shown(field_) + "' appears twice");
      return enter(State::metadata_value);
    }
    const bool again = (field_ == "dtype" && entry_.dtype) || (field_ == "shape" && entry_.shape) ||
                       (field_ == "data_offsets" && entry_.offsets);
    if (again) fail("key '" + field_ + "' appears twice");
    if (field_ == "dtype") return enter(State::dtype);
    if (field_ == "shape") return enter(State::shape);
    if (field_ == "data_offsets") return enter(State::offsets);
    fail("unknown key '" + shown(field_) + "'");
  }

  bool string(std::string& text) override {
    if (state_ == State::metadata_value) {
      header_.metadata.emplace(field_, text);
      return enter(State::metadata);
    }
    if (state_ != State::dtype) unexpected("a string");
    for (const DtypeRow& candidate : kDtypes) {
      if (candidate.name == text) {
        entry_.dtype = candidate.dtype;
        return enter(State::fields);
      }
    }
    fail("dtype '" + shown(text) + "' is not supported");
  }

  bool start_array(std::size_t) override {
    if (state_ == State::shape) {
      entry_.shape.emplace();
      return enter(State::shape_items);
    }
    if (state_ == State::offsets) {
      entry_.offsets.emplace();
      return enter(State::offset_items);
    }
    unexpected("an array");
  }

  bool number_unsigned(std::uint64_t number) override {
    if (state_ == State::shape_items) {
      if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail("dimension " + std::to_string(number) + " is too large");
      }
      if (entry_.shape->size() == kMostDimensions) fail("more than 64 dimensions");
      entry_.shape->push_back(static_cast<std::int64_t>(number));
      return true;
    }
    if (state_ != State::offset_items) unexpected("a number");
    if (entry_.offsets->size() == 2) fail("data_offsets holds more than two numbers");
    entry_.offsets->push_back(number);
    return true;
  }

  bool number_integer(std::int64_t number) override {
    unexpected("the negative number " + std::to_string(number));
  }
  bool number_float(double, const std::string& text) override {
    unexpected("'" + shown(text) + "', not a whole number of 64 bits");
  }
  bool null() override { unexpected("null"); }
  bool boolean(bool) override { unexpected("true or false"); }
  bool binary(nlohmann::json::binary_t&) override { unexpected("binary data"); }

  bool end_array() override { return enter(State::fields); }

  bool end_object() override {
    if (state_ == State::names) return enter(State::end);
    if (state_ == State::fields) add_tensor();
    return enter(State::names);
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    throw InputError(where_ + ": the safetensors header is not valid JSON at byte " +
                     std::to_string(position + 8));
  }

 private:
  enum class State {
    start,
    names,           // in the outer object
    value,           // after a name
    metadata,        // in __metadata__
    metadata_value,  // after one of its keys
    fields,          // in a tensor's object
    dtype,
    shape,
    shape_items,
    offsets,
    offset_items,
    end,
  };

  bool enter(State state) {
    state_ = state;
    return true;
  }

  [[noreturn]] void fail(const std::string& reason) const {
    throw InputError(where_ + ": " +
                     (name_ == kMetadata ? "__metadata__" : "tensor '" + shown(name_) + "'") +
                     ": " + reason);
  }

  [[noreturn]] void unexpected(const std::string& found) const {
    switch (state_) {
      case State::start:
      case State::names:
      case State::end:
        throw InputError(where_ + ": the safetensors header is not a JSON object");
      case State::value:
        fail("expected an object, found " + found);
      case State::metadata:
      case State::metadata_value:
        fail("key '" + shown(field_) + "': expected a string, found " + found);
      case State::dtype:
        fail("dtype: expected a string, found " + found);
      case State::fields:
      case State::shape:
      case State::shape_items:
        fail("shape: expected whole numbers >= 0, found " + found);
      case State::offsets:
      case State::offset_items:
        break;
    }
    fail("data_offsets: expected two whole numbers >= 0, found " + found);
  }

  void check_name(const std::string& name) {
    name_ = name;
    if (name.size() > kLongestName) fail("its name is longer than 4096 bytes");
    if (name.find('\0') != std::string::npos) fail("its name holds a zero byte");
  }

  void add_tensor() {
    if (!entry_.dtype) fail("dtype is missing");
    if (!entry_.shape) fail("shape is missing");
    if (!entry_.offsets) fail("data_offsets is missing");
    if (entry_.offsets->size() != 2) fail("data_offsets does not hold two numbers");
    header_.tensors.emplace(name_, StoredTensor{*entry_.dtype, std::move(*entry_.shape),
                                                (*entry_.offsets)[0], (*entry_.offsets)[1]});
  }

  const std::string& where_;
  SafetensorsHeader header_;
  State state_ = State::start;
  bool metadata_seen_ = false;
  std::string name_;
  std::string field_;
  Entry entry_;
};

// Bytes of a tensor; nothing if the product overflows.
std::optional<std::uint64_t> byte_size(const StoredTensor& tensor) {
  std::uint64_t size = item_size(tensor.dtype);
  for (const std::int64_t dimension : tensor.shape) {
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(dimension), &size)) return {};
  }
  return size;
}

void check_layout(SafetensorsHeader& header, std::uint64_t data_size, const std::string& where) {
  using Item = std::pair<const std::string, StoredTensor>;
  const auto fail = [&](const Item& item, const std::string& reason) {
    throw InputError(where + ": tensor '" + shown(item.first) + "': " + reason);
  };
  std::vector<const Item*> by_offset;
  by_offset.reserve(header.tensors.size());
  for (const Item& item : header.tensors) {
    const auto& [dtype, shape, begin, end] = item.second;
    const std::string range = "[" + std::to_string(begin) + ", " + std::to_string(end) + "]";
    if (begin > end) fail(item, "data_offsets " + range + " run backwards");
    if (end > data_size) {
      fail(item, "data_offsets " + range + " lie beyond the data, which has " +
                     std::to_string(data_size) + " bytes (is the file cut off?)");
    }
    const auto size = byte_size(item.second);
    const std::string kind = std::string(format_name(dtype)) + " " + shape_text(shape);
    if (!size) fail(item, kind + " is larger than 64 bits can count");
    if (*size != end - begin) {
      fail(item, kind + " needs " + std::to_string(*size) + " bytes, data_offsets " + range +
                     " hold " + std::to_string(end - begin));
    }
    by_offset.push_back(&item);
  }
  std::sort(by_offset.begin(), by_offset.end(), [](const Item* a, const Item* b) {
    return std::pair(a->second.begin, a->second.end) < std::pair(b->second.begin, b->second.end);
  });
  std::uint64_t covered = 0;
  for (const Item* item : by_offset) {
    const std::uint64_t begin = item->second.begin;
    if (begin < covered) fail(*item, "overlaps the tensor before it");
    if (begin > covered) {
      fail(*item, "leaves a hole of " + std::to_string(begin - covered) + " bytes before it");
    }
    covered = item->second.end;
  }
  if (covered != data_size) {
    throw InputError(where + ": " + std::to_string(data_size - covered) +
                     " bytes after the last tensor");
  }
}

}  // namespace

std::size_t item_size(StoredDtype dtype) {
  return row(dtype).size;
}
std::string_view format_name(StoredDtype dtype) {
  return row(dtype).name;
}

SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file,
                                           const std::string& where) {
  const auto refuse = [&](const std::string& reason) {
    if (const auto foreign = foreign_content(file)) throw InputError(where + ": " + *foreign);
    const auto head = file.first(std::min(file.size(), kHead));
    if (is_plain_text(head))
      throw InputError(where + ": is text, not weights: " + text_excerpt(head));
    throw InputError(where + ": not safetensors: " + reason);
  };
  if (file.empty()) refuse("the file is empty");
  if (file.size() < 8) refuse("shorter than the 8 bytes of the header's length");
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8 | std::to_integer<std::uint64_t>(file[i]);
  if (length > kLongestHeader) {
    refuse("header length " + std::to_string(length) + " is above the limit of 100000000");
  }
  if (length > file.size() - 8) {
    refuse("header length " + std::to_string(length) + " is more than the file holds, " +
           std::to_string(file.size() - 8) + " bytes (is the file cut off?)");
  }
  const auto text = file.subspan(8, length);
  if (text.empty() || text.front() != std::byte{'{'}) refuse("the header does not begin with '{'");

  HeaderReader reader(where);
  const char* const begin = reinterpret_cast<const char*>(text.data());
  nlohmann::json::sax_parse(begin, begin + text.size(), &reader);
  SafetensorsHeader header = reader.take();
  const std::uint64_t data_begin = 8 + length;
  check_layout(header, file.size() - data_begin, where);
  for (auto& [name, tensor] : header.tensors) {
    tensor.begin += data_begin;
    tensor.end += data_begin;
  }
  return header;
}

}  // namespace velatura::weights
