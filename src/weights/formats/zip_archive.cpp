#include "weights/formats/zip_archive.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "weights/formats/byte_reader.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kDescriptor = 0x08074b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kEnd64 = 0x06064b50;
constexpr std::uint32_t kLocator64 = 0x07064b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr std::size_t kEntrySize = 46, kEnd64Size = 56, kLocator64Size = 20, kEndSize = 22;

constexpr std::uint16_t kEncrypted = 0x2041;  // bits 0, 6 and 13: three ways to be
constexpr std::uint16_t kSizesFollow = 0x0008;
constexpr std::uint16_t kKnownFlags = 0x0806 | kSizesFollow;  // levels of compression, UTF-8 names

constexpr auto kIn64 = std::numeric_limits<std::uint32_t>::max();  // "see the zip64 field"

struct Directory {
  std::uint64_t begin, size, count;
};

// An entry as the directory has it.
struct ZipEntry {
  std::string name;
  std::uint16_t flags, method;
  std::uint32_t checksum;
  std::uint64_t stored_size, size, header;
};

[[noreturn]] void refuse(const std::string& where, const std::string& reason) {
  throw InputError(where + ": " + reason);
}

[[noreturn]] void refuse(const std::string& where, const ZipEntry& entry,
                         const std::string& reason) {
  refuse(where, "zip entry '" + shown(entry.name) + "': " + reason);
}

// The fields of an end record, of either kind, from the number of its disk on.
template <class Disk, class Count, class Size>
Directory read_end(ByteReader& record, const std::string& where) {
  const auto disk = record.number<Disk>(), first_disk = record.number<Disk>();
  const auto count_here = record.number<Count>(), count = record.number<Count>();
  const auto size = record.number<Size>(), begin = record.number<Size>();
  if (disk != 0 || first_disk != 0 || count_here != count) {
    refuse(where, "zip archive: a part of one that spans several files");
  }
  return {begin, size, count};
}

// The zip64 end record and its locator, which stand before the end record of new files. Moves `end`
// to their beginning.
std::optional<Directory> find_end64(std::span<const std::byte> file, std::size_t& end,
                                    const std::string& where) {
  if (end < kLocator64Size + kEnd64Size) return std::nullopt;
  ByteReader locator(file.subspan(end - kLocator64Size), where);
  if (locator.number<std::uint32_t>() != kLocator64) return std::nullopt;
  end -= kLocator64Size + kEnd64Size;
  ByteReader record(file.subspan(end), where);
  const auto disk = locator.number<std::uint32_t>();
  if (locator.number<std::uint64_t>() != end || record.number<std::uint32_t>() != kEnd64 ||
      record.number<std::uint64_t>() != kEnd64Size - 12) {
    refuse(where, "zip archive: the zip64 end record is not where it must be");
  }
  if (disk != 0 || locator.number<std::uint32_t>() != 1) {
    refuse(where, "zip archive: a part of one that spans several files");
  }
  record.take(4);  // versions
  return read_end<std::uint32_t, std::uint64_t, std::uint64_t>(record, where);
}

Directory find_directory(std::span<const std::byte> file, const std::string& where) {
  if (file.size() < kEndSize) refuse(where, "zip archive: the file is cut off");
  std::size_t end = file.size() - kEndSize;
  ByteReader record(file.subspan(end), where);
  if (record.number<std::uint32_t>() != kEnd) {
    refuse(where,
           "zip archive: the file does not end with its end record (is it cut off, or is something "
           "else appended?)");
  }
  Directory directory = read_end<std::uint16_t, std::uint16_t, std::uint32_t>(record, where);
  if (record.number<std::uint16_t>() != 0) refuse(where, "zip archive: its comment is cut off");
  if (const auto directory64 = find_end64(file, end, where)) {
    if ((directory.count != 0xffff && directory.count != directory64->count) ||
        (directory.size != kIn64 && directory.size != directory64->size) ||
        (directory.begin != kIn64 && directory.begin != directory64->begin)) {
      refuse(where, "zip archive: its two end records disagree");
    }
    directory = *directory64;
  }
  if (directory.begin > end || directory.size != end - directory.begin) {
    refuse(where, "zip archive: the directory of " + std::to_string(directory.size) +
                      " bytes at byte " + std::to_string(directory.begin) +
                      " does not end where the end record begins, at byte " + std::to_string(end));
  }
  if (directory.count > directory.size / kEntrySize) {
    refuse(where, "zip archive: a directory of " + std::to_string(directory.size) +
                      " bytes cannot have " + std::to_string(directory.count) + " entries");
  }
  return directory;
}

// Replaces those of `numbers` that are kIn64 by what the zip64 field of `extra` says.
void read_zip64(std::span<const std::byte> extra, std::initializer_list<std::uint64_t*> numbers,
                const std::string& where) {
  ByteReader fields(extra, where);
  bool seen = false;
  while (fields.remaining() > 0) {
    const auto id = fields.number<std::uint16_t>();
    ByteReader field(fields.take(fields.number<std::uint16_t>()), where);
    if (id != 1) continue;
    if (seen) refuse(where, "has two zip64 fields");
    seen = true;
    for (std::uint64_t* number : numbers) {
      if (*number == kIn64) *number = field.number<std::uint64_t>();
    }
  }
}

void check_name(const std::string& where, const ZipEntry& entry) {
  const std::string_view name = entry.name;
  if (name.empty()) refuse(where, "zip archive: an entry has no name");
  if (name.find_first_of(std::string_view("\0\\:", 3)) != name.npos || name.front() == '/') {
    refuse(where, entry, "its name is no relative path");
  }
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") {
      refuse(where, entry, "its name leads elsewhere");
    }
    begin = end + 1;
  }
}

ZipEntry read_entry(ByteReader& reader, const std::string& where) {
  if (reader.number<std::uint32_t>() != kDirectoryEntry) {
    refuse(where, "zip archive: there is no entry at byte " +
                      std::to_string(reader.position() - 4) + " of the directory");
  }
  ZipEntry entry;
  reader.take(4);  // versions
  entry.flags = reader.number<std::uint16_t>();
  entry.method = reader.number<std::uint16_t>();
  reader.take(4);  // time and date
  entry.checksum = reader.number<std::uint32_t>();
  entry.stored_size = reader.number<std::uint32_t>();
  entry.size = reader.number<std::uint32_t>();
  const auto name_size = reader.number<std::uint16_t>();
  const auto extra_size = reader.number<std::uint16_t>();
  const auto comment_size = reader.number<std::uint16_t>();
  const auto disk = reader.number<std::uint16_t>();
  reader.take(6);  // attributes
  entry.header = reader.number<std::uint32_t>();
  entry.name = reader.text(name_size);
  read_zip64(reader.take(extra_size), {&entry.size, &entry.stored_size, &entry.header},
             where + ": zip entry '" + shown(entry.name) + "'");
  reader.take(comment_size);
  check_name(where, entry);
  if (disk != 0) refuse(where, entry, "lies in another file");
  if (entry.flags & kEncrypted) refuse(where, entry, "is encrypted");
  if (entry.flags & ~kKnownFlags) refuse(where, entry, "has unknown flags");
  if (entry.method != 0) {
    refuse(where, entry,
           "is compressed (method " + std::to_string(entry.method) +
               "), but checkpoints store their entries as they are");
  }
  if (entry.stored_size != entry.size) refuse(where, entry, "has two sizes");
  return entry;
}

// Reads the entry's local header, which `reader` has come to, its content and what follows up to
// `end`.
std::span<const std::byte> read_content(ByteReader& reader, const ZipEntry& entry,
                                        std::uint64_t end, const std::string& where) {
  if (reader.number<std::uint32_t>() != kLocalHeader) {
    refuse(where, entry, "there is no header at byte " + std::to_string(entry.header));
  }
  reader.take(2);  // version
  const auto flags = reader.number<std::uint16_t>(), method = reader.number<std::uint16_t>();
  reader.take(4);  // time and date
  const auto checksum = reader.number<std::uint32_t>();
  std::uint64_t stored_size = reader.number<std::uint32_t>();
  std::uint64_t size = reader.number<std::uint32_t>();
  const auto name_size = reader.number<std::uint16_t>();
  const auto extra_size = reader.number<std::uint16_t>();
  const auto name = reader.text(name_size);
  read_zip64(reader.take(extra_size), {&size, &stored_size},
             where + ": zip entry '" + shown(entry.name) + "'");
  const bool sizes_follow = flags & kSizesFollow;
  const auto agrees = [&](std::uint64_t here, std::uint64_t there) {
    return here == there || (sizes_follow && here == 0);
  };
  if (name != entry.name || flags != entry.flags || method != entry.method ||
      !agrees(checksum, entry.checksum) || !agrees(size, entry.size) ||
      !agrees(stored_size, entry.size)) {
    refuse(where, entry, "its header and the directory disagree");
  }
  const auto content = reader.take(entry.size);
  if (sizes_follow) {
    const bool is64 = end - reader.position() == 24;
    const auto number = [&] {
      return is64 ? reader.number<std::uint64_t>() : reader.number<std::uint32_t>();
    };
    if (reader.number<std::uint32_t>() != kDescriptor ||
        reader.number<std::uint32_t>() != entry.checksum || number() != entry.size ||
        number() != entry.size) {
      refuse(where, entry, "what follows its content and the directory disagree");
    }
  }
  if (reader.position() > end) refuse(where, entry, "overlaps what comes after it");
  if (reader.position() < end) {
    refuse(where, entry,
           std::to_string(end - reader.position()) +
               " bytes between it and what comes after it belong to nothing");
  }
  return content;
}

}  // namespace

bool is_zip(std::span<const std::byte> file) {
  const std::string name;
  return file.size() >= 4 && ByteReader(file, name).number<std::uint32_t>() == kLocalHeader;
}

ZipEntries read_zip(std::span<const std::byte> file, const std::string& where) {
  const Directory directory = find_directory(file, where);
  ByteReader reader(file.subspan(directory.begin, directory.size), where);
  std::vector<ZipEntry> entries;
  entries.reserve(directory.count);
  for (std::uint64_t i = 0; i < directory.count; ++i) entries.push_back(read_entry(reader, where));
  if (reader.remaining() > 0) refuse(where, "zip archive: something follows the directory");
  std::sort(entries.begin(), entries.end(),
            [](const ZipEntry& a, const ZipEntry& b) { return a.header < b.header; });

  // Each entry begins where the one before it ends, the first at the file's beginning, and the
  // directory where the last one ends.
  ZipEntries contents;
  ByteReader content(file.first(directory.begin), where);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ZipEntry& entry = entries[i];
    if (entry.header != content.position()) {
      refuse(where, entry,
             entry.header < content.position() ? "overlaps the entry before it"
                                               : "bytes before it belong to nothing");
    }
    const std::uint64_t end = i + 1 < entries.size() ? entries[i + 1].header : directory.begin;
    const auto bytes = read_content(content, entry, end, where);
    if (!contents.emplace(entry.name, bytes).second) refuse(where, entry, "appears twice");
  }
  if (content.remaining() > 0) {
    refuse(where, "zip archive: bytes before the directory belong to nothing");
  }
  return contents;
}

}  // namespace velatura::weights
