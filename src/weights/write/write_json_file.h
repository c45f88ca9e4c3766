#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace velatura::weights {

/// Writes JSON as config files have it, whole or not at all. @throws OutputError
void write_json_file(const std::filesystem::path& path, const nlohmann::ordered_json& value);

}  // namespace velatura::weights
