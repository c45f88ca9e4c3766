#include "weights/write/write_safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/atomic_file.h"
#include "weights/formats/mapped_file.h"
#include "weights/formats/safetensors.h"

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

// What comes before the data, and the order of the tensors in it.
struct Layout {
  std::string head;
  std::vector<std::string> order;
};

Layout lay_out(const std::map<std::string, TensorInfo>& tensors,
               const std::map<std::string, std::string>& metadata) {
  std::vector<std::pair<std::string, TensorInfo>> ordered(tensors.begin(), tensors.end());
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return c10::elementSize(a.second.dtype) > c10::elementSize(b.second.dtype);
  });
  nlohmann::json header = nlohmann::json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  Layout layout;
  std::uint64_t end = 0;
  for (const auto& [name, info] : ordered) {
    const std::uint64_t begin = end;
    end += byte_size(info);
    header[name] = {
        {"dtype", format_dtype(info.dtype)}, {"shape", info.shape}, {"data_offsets", {begin, end}}};
    layout.order.push_back(name);
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  for (std::size_t i = 0; i < 8; ++i) layout.head += static_cast<char>(text.size() >> (8 * i));
  layout.head += text;
  return layout;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::span<const std::byte> bytes_of(const at::Tensor& contiguous) {
  return {static_cast<const std::byte*>(contiguous.const_data_ptr()), contiguous.nbytes()};
}

}  // namespace

std::uint64_t byte_size(const TensorInfo& info) {
  std::uint64_t size = c10::elementSize(info.dtype);
  for (const auto side : info.shape) size *= static_cast<std::uint64_t>(side);
  return size;
}

std::vector<std::byte> encode_safetensors(const std::map<std::string, at::Tensor>& tensors,
                                          const std::map<std::string, std::string>& metadata) {
  std::map<std::string, TensorInfo> infos;
  for (const auto& [name, tensor] : tensors) {
    infos[name] = {tensor.scalar_type(), tensor.sizes().vec()};
  }
  const Layout layout = lay_out(infos, metadata);
  const auto head = bytes_of(layout.head);
  std::vector<std::byte> bytes(head.begin(), head.end());
  for (const std::string& name : layout.order) {
    const at::Tensor tensor = tensors.at(name).cpu().contiguous();
    const auto data = bytes_of(tensor);
    bytes.insert(bytes.end(), data.begin(), data.end());
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path,
                       const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  write_file_atomically(path, encode_safetensors(tensors, metadata));
}

void write_safetensors(const std::filesystem::path& path, const WeightSource& source,
                       const std::vector<std::string>& names,
                       const std::map<std::string, std::string>& metadata,
                       const std::function<void()>& on_written) {
  std::map<std::string, TensorInfo> infos;
  for (const std::string& name : names) infos[name] = source.find(name).value();
  const Layout layout = lay_out(infos, metadata);
  AtomicFile file(path);
  file.write(bytes_of(layout.head));
  for (const std::string& name : layout.order) {
    const at::Tensor tensor = source.load(name).contiguous();
    const auto data = bytes_of(tensor);
    about_to_read(data);
    file.write(data);
    on_written();
  }
  verify_mapped_files();
  file.commit();
}

}  // namespace velatura::weights
