#include "cli/pictures/output_names.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <regex>

#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {

namespace fs = std::filesystem;

OutputNames::OutputNames(const std::string& output, int num_images, const std::string& prompt)
    : names_(output), prompt_(prompt), folder_(names_.folder(prompt)) {
  image_format(names_.expand({}));  // throws for an unknown extension
  if (num_images > 1 && !names_.has_field({"seq", "seed", "index"})) names_.append_field("index");
  if (names_.has_field({"seq"})) seq_ = first_free_number();
}

fs::path OutputNames::next(std::uint64_t seed) {
  return names_.expand({.seq = seq_++, .seed = seed, .index = index_++, .prompt = prompt_});
}

std::uint64_t OutputNames::first_free_number() const {
  const std::regex of_this_template(names_.seq_pattern());
  std::uint64_t free = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_.empty() ? "." : folder_, error)) {
    const std::string name = entry.path().filename().string();
    std::smatch match;
    if (std::regex_match(name, match, of_this_template)) {
      free = std::max<std::uint64_t>(free, std::stoull(match[1]) + 1);
    }
  }
  return free;
}

void check_writable(const fs::path& folder) {
  fs::path existing = folder.empty() ? "." : folder;
  std::error_code error;
  while (!fs::exists(fs::symlink_status(existing, error)) && existing.has_relative_path()) {
    const fs::path parent = existing.parent_path();
    existing = parent.empty() ? "." : parent;
  }
  std::string probe = (existing / ".velatura-XXXXXX").string();
  const int file = mkstemp(probe.data());
  if (file < 0) {
    throw OutputError((folder.empty() ? "." : folder.string()) +
                      ": cannot be written to: " + std::strerror(errno));
  }
  close(file);
  unlink(probe.c_str());
}

}  // namespace velatura::cli
