#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace velatura {

/// Folders that may hold velatura's own models and vocabularies, best first: $VELATURA_DATA, then
/// beside the program (`models`, `../share/velatura/models`, `../../models`), then beside the library
/// that this is in.
std::vector<std::filesystem::path> data_folders();

/// A file or folder in one of data_folders(). @throws InputError naming where it was looked for
std::filesystem::path find_data_file(const std::string& name);

}  // namespace velatura
