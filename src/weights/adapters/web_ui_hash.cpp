#include "weights/adapters/web_ui_hash.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/sha256.h"
#include "weights/formats/file_hash.h"
#include "weights/formats/mapped_file.h"

namespace velatura::weights {
namespace {

std::string hash_tensors(const std::filesystem::path& file) {
  constexpr std::size_t kDigits = 12, kLength = 8;
  const auto mapped = MappedFile::open(file);
  auto bytes = mapped->bytes();
  if (file.extension() == ".safetensors" && bytes.size() > kLength) {
    std::uint64_t header = 0;
    for (std::size_t i = kLength; i-- > 0;)
      header = header << 8 | std::to_integer<std::uint64_t>(bytes[i]);
    if (header <= bytes.size() - kLength) bytes = bytes.subspan(kLength + header);
  }
  return sha256(bytes).substr(0, kDigits);
}

}  // namespace

std::string web_ui_lora_hash(const std::filesystem::path& file) {
  static std::mutex mutex;
  static std::map<std::string, std::string> known;  // by the whole file's hash
  const std::string whole = sha256_file(file);
  const std::lock_guard lock(mutex);
  auto [found, is_new] = known.try_emplace(whole);
  if (is_new) found->second = hash_tensors(file);
  return found->second;
}

}  // namespace velatura::weights
