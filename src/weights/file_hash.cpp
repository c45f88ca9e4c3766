#include "weights/file_hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "core/atomic_file.h"
#include "velatura/error.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

std::string hash_bytes(const fs::path& path, const std::stop_token& stop) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path.string() + ": could not be opened");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::vector<char> block(1 << 20);
  do {
    if (stop.stop_requested()) return {};
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    EVP_DigestUpdate(context.get(), block.data(), static_cast<std::size_t>(file.gcount()));
  } while (file);
  if (file.bad()) throw InputError(path.string() + ": could not be read");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[digest[i] >> 4u];
    hex += kDigits[digest[i] & 15u];
  }
  return hex;
}

std::optional<fs::path> cache_file() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return fs::path(cache) / "velatura" / "hashes.json";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return {};
  return fs::path(home) / ".cache" / "velatura" / "hashes.json";
}

// A cache that cannot be read is an empty one.
nlohmann::json read_cache(const std::optional<fs::path>& path) {
  if (!path) return nlohmann::json::object();
  std::ifstream file(*path);
  auto cache = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  return cache.is_object() ? cache : nlohmann::json::object();
}

// A change in the file changes its size or its time.
nlohmann::json stamp_of(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  const auto time = failed ? fs::file_time_type{} : fs::last_write_time(path, failed);
  if (failed) throw InputError(path.string() + ": " + failed.message());
  return {{"size", size}, {"changed", time.time_since_epoch().count()}};
}

}  // namespace

std::string sha256_file(const fs::path& path, const std::stop_token& stop) {
  const std::string key = fs::canonical(path).string();
  const auto stamp = stamp_of(key);
  const auto cache_path = cache_file();
  if (const auto cache = read_cache(cache_path);
      cache.contains(key) && cache[key].is_object() && cache[key].value("stamp", nlohmann::json()) == stamp &&
      cache[key].contains("sha256") && cache[key]["sha256"].is_string()) {
    return cache[key]["sha256"];
  }
  const std::string hash = hash_bytes(key, stop);
  if (hash.empty() || stamp_of(key) != stamp || !cache_path) return hash;
  auto cache = read_cache(cache_path);  // again: hashing took a while
  cache[key] = {{"stamp", stamp}, {"sha256", hash}};
  const std::string text = cache.dump(1);
  try {
    write_file_atomically(*cache_path, std::as_bytes(std::span(text)));
  } catch (const OutputError&) {
    // Nothing is lost but time.
  }
  return hash;
}

}  // namespace velatura::weights
