#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace velatura {

/// The whole file. @throws InputError if it cannot be read or has more than `max_bytes`
std::string read_file(const std::filesystem::path& path, std::uintmax_t max_bytes);

}  // namespace velatura
