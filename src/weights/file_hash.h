#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

namespace velatura::weights {

/// The SHA-256 of a file's bytes, 64 hex digits. Remembered by path, size and time of change in
/// `${XDG_CACHE_HOME:-~/.cache}/velatura/hashes.json`, where that can be written.
/// @param stop  ends the work early with an empty result
/// @throws InputError if the file cannot be read
std::string sha256_file(const std::filesystem::path& path, const std::stop_token& stop = {});

}  // namespace velatura::weights
