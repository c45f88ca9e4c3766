#include "cli/pictures/picture_lines.h"

#include <iostream>

#include "velatura/error.h"

namespace velatura::cli {

std::string json_line(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

nlohmann::ordered_json describe(const Picture& picture, const std::filesystem::path& path,
                                const std::string& prompt) {
  const auto receipt = nlohmann::ordered_json::parse(picture.metadata.receipt);
  nlohmann::ordered_json settings = receipt;
  for (const char* other : {"velatura", "task", "model", "libtorch", "pixels"})
    settings.erase(other);
  return {{"path", path.string()},
          {"seed", picture.seed},
          {"width", picture.image.width},
          {"height", picture.image.height},
          {"prompt", prompt},
          {"elapsed_s", picture.elapsed_s},
          {"model_hash", receipt.at("model").at("sha256")},
          {"task", receipt.at("task")},
          {"settings", settings}};
}

void print_line(const std::string& line) {
  std::cout << line << "\n";
  if (!std::cout.flush()) throw OutputError("standard output cannot be written");
}

}  // namespace velatura::cli
