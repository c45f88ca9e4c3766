#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "core/name_template.h"

namespace velatura::cli {

/// Whether a file may have this name.
using IsFree = std::function<bool(const std::filesystem::path&)>;

/// The first of `file`, and this with -1, -2, … before its extension, that is free.
std::filesystem::path first_free(const std::filesystem::path& file, const IsFree& is_free);

/// @throws UsageError if pictures cannot have such names: the extension is none of a format
void check_format(const NameTemplate& names);

/// Where the pictures of one run go, from what -o says (see NameTemplate). A name that would be the
/// same for several pictures gets -0, -1, … before its extension.
class OutputNames {
 public:
  /// @throws UsageError for an unknown field or extension
  OutputNames(const std::string& output, int num_images, const std::string& prompt);

  /// The name of the next picture, which is free. `seq` is the next number no file of this pattern
  /// has; where that is taken after all, and for numbers that -o does not speak of, the next one;
  /// for other names that are taken, see first_free().
  std::filesystem::path next(std::uint64_t seed, const IsFree& is_free);

  /// True if -o names one file and no other.
  bool is_full_name() const { return !names_.has_fields(); }

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::uint64_t first_free_number() const;

  NameTemplate names_;
  std::string prompt_;
  std::filesystem::path folder_;
  std::uint64_t index_ = 0;
  std::uint64_t seq_ = 0;
};

/// Makes sure that a file can be made in `folder` (or in the nearest parent that exists, where the
/// missing folders will be made), and leaves nothing there. @throws OutputError
void check_writable(const std::filesystem::path& folder);

}  // namespace velatura::cli
