#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>

namespace velatura::weights {

/// The content of a zip archive's entries, by name.
using ZipEntries = std::map<std::string, std::span<const std::byte>, std::less<>>;

/// Whether a file begins as a zip archive does.
bool is_zip(std::span<const std::byte> file);

/// Reads the directory of a zip archive (PKWARE's APPNOTE 6.3, zip64 included) whose entries are
/// stored, not compressed. Stricter than unzip programs are: entries, directory and end records
/// cover the file without hole, overlap or rest, and the directory and the headers before the
/// entries agree, so that no two readers can see different content. Allocates in proportion to the
/// directory only; touches no content. Checksums are not asked: torch.save may leave them out.
/// @param file   the complete file
/// @param where  its name, for messages
/// @throws InputError: one line naming file, entry and reason
ZipEntries read_zip(std::span<const std::byte> file, const std::string& where);

}  // namespace velatura::weights
