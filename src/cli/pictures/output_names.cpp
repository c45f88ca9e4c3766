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

fs::path first_free(const fs::path& file, const IsFree& is_free) {
  fs::path name = file;
  for (std::uint64_t number = 1; !is_free(name); ++number) name = numbered(file, number);
  return name;
}

void check_format(const NameTemplate& names) {
  try {
    image_format(names.expand({}));
  } catch (const UsageError& error) {
    throw UsageError("output " + std::string(error.what()), {"output"});
  }
}

OutputNames::OutputNames(const std::string& output, int num_images, const std::string& prompt)
    : names_(output), prompt_(prompt), folder_(names_.folder(prompt)) {
  check_format(names_);
  if (names_.has_field({"seq"})) {
    seq_ = first_free_number();
  } else if (num_images > 1 && !names_.has_field({"seed", "index"})) {
    names_.append_field("seq");
  }
}

fs::path OutputNames::next(std::uint64_t seed, const IsFree& is_free) {
  const NameTemplate::Fields fields{.seed = seed, .index = index_++, .prompt = prompt_};
  if (!names_.has_field({"seq"})) return first_free(names_.expand(fields), is_free);
  for (;;) {
    NameTemplate::Fields with_number = fields;
    with_number.seq = seq_++;
    fs::path name = names_.expand(with_number);
    if (is_free(name)) return name;
  }
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
