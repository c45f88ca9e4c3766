#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace velatura::weights {

/// A whole file mapped read-only. Whoever holds bytes of it holds the shared_ptr too.
///
/// What is promised when somebody else truncates the file (or its disk fails) while it is mapped:
/// the process lives. The lost pages read as zeros from then on, and verify() throws; nothing made
/// from the bytes may be handed out before verify() has been asked. Bytes overwritten in place by
/// somebody else are not noticed.
class MappedFile {
 public:
  /// @throws InputError if it is not a regular file or cannot be read
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::string& where() const { return where_; }
  std::span<const std::byte> bytes() const { return bytes_; }

  /// @throws InputError if the file is shorter than when it was mapped, or a page could not be read
  void verify() const;

 private:
  MappedFile(std::string where, int descriptor, std::span<const std::byte> bytes);

  std::string where_;
  int descriptor_;
  std::span<const std::byte> bytes_;
  std::size_t slot_;
};

/// verify() for every file that is mapped now: ask before a result leaves the program.
/// @throws InputError
void verify_mapped_files();

/// Advice about memory that may lie in a mapped file; does nothing for any other memory.
/// about_to_read brings the pages in at once rather than fault by fault; done_reading takes them
/// out of the resident set again. They stay in the system's page cache, where a neighbour whose page
/// went with them finds it again.
void about_to_read(std::span<const std::byte> memory);
void done_reading(std::span<const std::byte> memory);

}  // namespace velatura::weights
