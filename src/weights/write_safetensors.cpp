#include "weights/write_safetensors.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "weights/safetensors.h"

namespace velatura::weights {
namespace {

std::string_view format_dtype(at::ScalarType dtype) {
  for (const StoredDtype stored :
       {StoredDtype::f64, StoredDtype::f32, StoredDtype::f16, StoredDtype::bf16, StoredDtype::i64,
        StoredDtype::i32, StoredDtype::i16, StoredDtype::i8, StoredDtype::u8, StoredDtype::boolean,
        StoredDtype::f8_e4m3, StoredDtype::f8_e5m2}) {
    if (scalar_type(stored) == dtype) return format_name(stored);
  }
  TORCH_CHECK(false, "safetensors has no dtype for ", dtype);
}

}  // namespace

std::vector<std::byte> encode_safetensors(const std::map<std::string, at::Tensor>& tensors,
                                          const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, at::Tensor>> ordered;
  for (const auto& [name, tensor] : tensors) ordered.emplace_back(name, tensor.cpu().contiguous());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.second.element_size() > b.second.element_size();
  });

  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t data_size = 0;
  for (const auto& [name, tensor] : ordered) {
    header[name] = {{"dtype", format_dtype(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {data_size, data_size + tensor.nbytes()}}};
    data_size += tensor.nbytes();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  std::vector<std::byte> bytes(8 + text.size() + data_size);
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<std::byte>(text.size() >> (8 * i));
  std::memcpy(bytes.data() + 8, text.data(), text.size());
  std::byte* to = bytes.data() + 8 + text.size();
  for (const auto& [name, tensor] : ordered) {
    if (tensor.nbytes() > 0) std::memcpy(to, tensor.const_data_ptr(), tensor.nbytes());
    to += tensor.nbytes();
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  write_file_atomically(path, encode_safetensors(tensors, metadata));
}

}  // namespace velatura::weights
