#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "velatura/generator.h"

namespace velatura::cli {

/// One line. File names need not be UTF-8, JSON must be: what is not becomes U+FFFD.
std::string json_line(const nlohmann::ordered_json& object);

/// What --json says of a picture; its settings are those of its receipt.
nlohmann::ordered_json describe(const Picture& picture, const std::filesystem::path& path,
                                const std::string& prompt);

/// A line on stdout, at once. @throws OutputError
void print_line(const std::string& line);

}  // namespace velatura::cli
