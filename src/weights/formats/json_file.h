#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace velatura::weights {

/// read_json() for files that were downloaded: says so when the file is a Git LFS pointer or a web
/// page instead. @throws InputError
nlohmann::json read_json_file(const std::filesystem::path& path);

}  // namespace velatura::weights
