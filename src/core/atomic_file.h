#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace velatura {

/// Writes a file so that it is there whole or not at all: a temporary file in the same folder
/// (`.velatura-*.part`), fsync, rename, fsync of the folder. Missing parent folders are made. A
/// symbolic link is followed and stays; an existing file keeps its permissions and must be
/// writable; what is no regular file (a device, a pipe) is written to as it is.
/// @throws OutputError naming the path and the reason; the temporary file is removed
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace velatura
