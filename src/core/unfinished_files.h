#pragma once

#include <filesystem>

namespace velatura {

/// Files and folders of this process that are of no use unless it finishes them. From all threads.

void add_unfinished(const std::filesystem::path& path);
void forget_unfinished(const std::filesystem::path& path);

/// Removes all that were added and not forgotten, folders with all that is in them; for a process
/// that is about to end in the midst of its work.
void remove_unfinished_files();

}  // namespace velatura
