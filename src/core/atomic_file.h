#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace velatura {

/// A file that is there whole or not at all: a temporary file in the same folder
/// (`.velatura-*.part`), fsync, rename, fsync of the folder. Missing parent folders are made. A
/// symbolic link is followed and stays; an existing file keeps its permissions and must be
/// writable; what is no regular file (a device, a pipe) is written to as it is. All of it throws
/// OutputError naming the path and the reason.
class AtomicFile {
 public:
  /// @param tag  goes into the temporary file's name, see remove_temporaries()
  explicit AtomicFile(const std::filesystem::path& path, const std::string& tag = "");
  /// Without commit() the temporary file is removed and nothing else has changed.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  /// Brings the file to its name. Nothing may be written afterwards.
  void commit();
  /// The same, unless something has that name. @return false then, and nothing has changed
  bool commit_new();

 private:
  void finish_writing();

  std::filesystem::path path_;       // as given, for messages
  std::filesystem::path target_;     // where links end
  std::filesystem::path temporary_;  // empty: written in place, or committed
  int descriptor_ = -1;
};

/// Writes the bytes through an AtomicFile. @throws OutputError
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes,
                           const std::string& tag = "");

/// The same, unless something has that name: of all who try at once, one writes the file.
/// @return false then, and nothing has changed @throws OutputError
bool write_new_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes,
                               const std::string& tag = "");

/// Removes the temporary files that killed writers of that tag have left in a folder; for the one
/// who knows that none is at work.
void remove_temporaries(const std::filesystem::path& folder, const std::string& tag);

}  // namespace velatura
