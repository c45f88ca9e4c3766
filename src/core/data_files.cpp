#include "core/data_files.h"

#include <cstdlib>

#include "velatura/error.h"

namespace velatura {

std::vector<std::filesystem::path> data_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* data = std::getenv("VELATURA_DATA"); data != nullptr && *data != '\0') {
    folders.emplace_back(data);
  }
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  if (!failed) {
    folders.push_back(program / "models");
    folders.push_back(program.parent_path() / "share/velatura/models");
    folders.push_back(program.parent_path().parent_path() / "models");
  }
  return folders;
}

std::filesystem::path find_data_file(const std::string& name) {
  std::string tried;
  for (const auto& folder : data_folders()) {
    auto path = folder / name;
    if (std::filesystem::exists(path)) return path;
    tried += (tried.empty() ? "" : ", ") + path.string();
  }
  throw InputError(name + " was not found (looked for " + tried + ")");
}

}  // namespace velatura
