#include "core/read_file.h"

#include <fstream>

#include "velatura/error.h"

namespace velatura {

std::string read_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) throw InputError(path.string() + ": " + failed.message());
  if (size > max_bytes) {
    throw InputError(path.string() + ": " + std::to_string(size) + " bytes, expected at most " +
                     std::to_string(max_bytes));
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    throw InputError(path.string() + ": could not be read");
  }
  return bytes;
}

}  // namespace velatura
