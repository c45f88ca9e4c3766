#include "weights/write/write_json_file.h"

#include <span>
#include <string>

#include "core/atomic_file.h"

namespace velatura::weights {

void write_json_file(const std::filesystem::path& path, const nlohmann::ordered_json& value) {
  // Texts of other programs need not be UTF-8, JSON must be.
  const std::string text =
      value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
  write_file_atomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace velatura::weights
