#include "weights/formats/file_hash.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <system_error>
#include <vector>

#include "core/atomic_file.h"
#include "velatura/error.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) fail();
  }
  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) fail();
  }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), &size) != 1) fail();
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
      text += "0123456789abcdef"[digest[i] >> 4];
      text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
  }

 private:
  [[noreturn]] static void fail() { throw Error(ErrorKind::internal, "SHA-256 is not available"); }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

fs::path real_path(const fs::path& path) {
  std::error_code failed;
  fs::path real = fs::canonical(path, failed);
  if (failed) throw InputError(path.string() + ": " + failed.message());
  return real;
}

// Changes whenever the file's content may have.
std::string state_of(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    throw InputError(path.string() + ": " + std::generic_category().message(errno));
  }
  std::ostringstream text;
  text << status.st_size << ' ' << status.st_mtim.tv_sec << '.' << status.st_mtim.tv_nsec << ' '
       << status.st_ctim.tv_sec << '.' << status.st_ctim.tv_nsec;
  return text.str();
}

std::optional<fs::path> cache_file(const fs::path& path) {
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  const fs::path root = cache && *cache ? fs::path(cache)
                        : home && *home ? fs::path(home) / ".cache"
                                        : fs::path();
  if (root.is_relative()) return std::nullopt;
  return root / "velatura" / "sha256" / sha256(path.string());
}

std::string read_cache(const fs::path& cache, const std::string& state) {
  std::ifstream file(cache);
  std::string hash, cached_state;
  if (!(file >> hash >> std::ws) || !std::getline(file, cached_state)) return "";
  return hash.size() == 64 && cached_state == state ? hash : "";
}

std::string hash_content(const fs::path& path, const std::stop_token& stop) {
  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(1 << 20);
  Sha256 sha;
  while (file) {
    if (stop.stop_requested()) return "";
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    sha.add({block.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (!file.eof()) throw InputError(path.string() + ": could not be read");
  return sha.hex();
}

}  // namespace

std::string sha256(std::string_view bytes) {
  Sha256 sha;
  sha.add(bytes);
  return sha.hex();
}

std::string sha256(std::span<const std::byte> bytes) {
  Sha256 sha256;
  sha256.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return sha256.hex();
}

std::string cached_sha256(const fs::path& path) {
  const fs::path real = real_path(path);
  const auto cache = cache_file(real);
  return cache ? read_cache(*cache, state_of(real)) : "";
}

std::string sha256_file(const fs::path& path, std::stop_token stop) {
  const fs::path real = real_path(path);
  const std::string state = state_of(real);
  const auto cache = cache_file(real);
  if (cache) {
    if (const std::string hash = read_cache(*cache, state); !hash.empty()) return hash;
  }
  const std::string hash = hash_content(real, stop);
  if (cache && !hash.empty() && state_of(real) == state) {
    const std::string line = hash + " " + state + "\n";
    try {
      write_file_atomically(*cache, std::as_bytes(std::span(line)));
    } catch (const OutputError&) {
      // A home that cannot be written to costs only time.
    }
  }
  return hash;
}

}  // namespace velatura::weights
