#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

namespace velatura::weights {

/// SHA-256 of a file, 64 lower-case hex digits. A file of gigabytes takes seconds once; the result
/// is kept in `${XDG_CACHE_HOME:-~/.cache}/velatura/sha256/` and holds as long as the file's size
/// and times of change do. A cache that cannot be used is done without.
/// @param stop  ends the work early
/// @return      "" if it was stopped
/// @throws InputError if the file cannot be read
std::string sha256_file(const std::filesystem::path& path, std::stop_token stop = {});

/// What sha256_file() has kept for the file as it is now; "" if there is nothing.
/// @throws InputError if the file cannot be read
std::string cached_sha256(const std::filesystem::path& path);

}  // namespace velatura::weights
