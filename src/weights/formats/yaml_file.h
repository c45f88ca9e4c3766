#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace velatura::weights {

/// A YAML file of at most 256 KiB as the JSON values it stands for: plain scalars become null,
/// booleans and numbers where they look like it, everything else a string; tags count for nothing.
/// @throws InputError naming file and line, also for a key twice in one mapping, more than 32
///         levels, or more than 20,000 values once aliases are followed
nlohmann::json read_yaml_file(const std::filesystem::path& path);

}  // namespace velatura::weights
