#include "weights/formats/file_hash.h"

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
#include "core/sha256.h"
#include "velatura/error.h"

namespace velatura::weights {
namespace {

namespace fs = std::filesystem;

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
    const auto count = static_cast<std::size_t>(file.gcount());
    sha.add(std::as_bytes(std::span(block)).first(count));
  }
  if (!file.eof()) throw InputError(path.string() + ": could not be read");
  return sha.hex();
}

}  // namespace

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
