#include "core/data_files.h"

#include <dlfcn.h>

#include <cstdlib>

#include "velatura/error.h"

namespace velatura {
namespace {

// Where this code is: in the program, or in a shared library that another program has loaded.
std::vector<std::filesystem::path> own_folders() {
  std::vector<std::filesystem::path> folders;
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) folders.push_back(program.parent_path());
  Dl_info self{};
  if (dladdr(reinterpret_cast<const void*>(&own_folders), &self) != 0 &&
      self.dli_fname != nullptr) {
    const auto library = std::filesystem::canonical(self.dli_fname, failed);
    if (!failed && library != program) folders.push_back(library.parent_path());
  }
  return folders;
}

}  // namespace

std::vector<std::filesystem::path> data_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* data = std::getenv("VELATURA_DATA"); data != nullptr && *data != '\0') {
    folders.emplace_back(data);
  }
  for (const auto& own : own_folders()) {
    folders.push_back(own / "models");
    folders.push_back(own.parent_path() / "share/velatura/models");
    folders.push_back(own.parent_path().parent_path() / "models");
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
