#include "weights/formats/json_file.h"

#include <array>
#include <fstream>

#include "core/config_object.h"
#include "weights/formats/file_kind.h"

namespace velatura::weights {

nlohmann::json read_json_file(const std::filesystem::path& path) {
  std::array<char, 256> head{};
  std::ifstream file(path, std::ios::binary);
  file.read(head.data(), head.size());
  const std::span bytes(head.data(), static_cast<std::size_t>(file.gcount()));
  if (const auto foreign = foreign_content(std::as_bytes(bytes))) {
    throw InputError(path.string() + ": " + *foreign);
  }
  return read_json(path);
}

}  // namespace velatura::weights
