#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace velatura {

/// The steps of writing a file so that it outlasts a crash. `path` is the file, for messages.
/// Each throws OutputError naming it and the reason.

/// The error itself. @param reason  an errno
[[noreturn]] void fail_writing(const std::filesystem::path& path, int reason);
void write_all(int descriptor, std::span<const std::byte> bytes, const std::filesystem::path& path);
/// Some file systems have no fsync, which is no error.
void synchronise(int descriptor, const std::filesystem::path& path);
void synchronise_folder_of(const std::filesystem::path& file);
void make_parents(const std::filesystem::path& path);

}  // namespace velatura
