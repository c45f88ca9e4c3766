#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Assembles pickles and the two containers of torch.save, right or wrong.
namespace velatura::testing {

/// A little-endian number of `size` bytes.
inline std::string little(std::uint64_t number, std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

inline std::string text(std::string_view content) {
  return "X" + little(content.size(), 4) + std::string(content);
}
inline std::string integer(std::int64_t number) {
  return "\x8a\x08" + little(static_cast<std::uint64_t>(number), 8);
}
inline std::string global(const std::string& module, const std::string& name) {
  return "c" + module + "\n" + name + "\n";
}
inline const std::string kOrderedDict = global("collections", "OrderedDict");
inline const std::string kInert = global("numpy.core.multiarray", "scalar");

inline std::string joined(const std::vector<std::string>& parts) {
  std::string all;
  for (const std::string& part : parts) all += part;
  return all;
}
inline std::string tuple(const std::vector<std::string>& items) {
  return "(" + joined(items) + "t";
}
inline std::string list(const std::vector<std::string>& items) {
  return "](" + joined(items) + "e";
}
/// Keys and values in turn.
inline std::string dict(const std::vector<std::string>& items) {
  return "}(" + joined(items) + "u";
}
inline std::string numbers(const std::vector<std::int64_t>& values) {
  std::vector<std::string> items;
  for (const auto value : values) items.push_back(integer(value));
  return tuple(items);
}

inline std::string storage(const std::string& key, std::int64_t numel,
                           const std::string& type = "FloatStorage", const std::string& view = "") {
  return tuple({text("storage"), global("torch", type), text(key), text("cpu"), integer(numel),
                view}) +
         "Q";
}

inline std::string tensor(const std::string& storage, std::int64_t offset,
                          const std::vector<std::int64_t>& shape,
                          const std::vector<std::int64_t>& strides) {
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple({storage, integer(offset), numbers(shape), numbers(strides), "\x89",
                kOrderedDict + ")R"}) +
         "R";
}

/// A whole pickle that gives the value of `body`.
inline std::string pickle(const std::string& body, int protocol = 2) {
  return "\x80" + little(static_cast<std::uint64_t>(protocol), 1) + body + ".";
}

/// An entry of a zip archive; what is set in `local` and `directory` takes the place of the truth.
struct ZipItem {
  struct Claims {
    std::optional<std::string> name = {};
    std::optional<std::uint16_t> flags = {};
    std::optional<std::uint16_t> method = {};
    std::optional<std::uint32_t> checksum = {};
    std::optional<std::uint64_t> size = {};
    std::optional<std::uint64_t> header = {};
    std::uint16_t disk = 0;
    std::string extra = "";
  };

  std::string name;
  std::string content;
  Claims local = {};
  Claims directory = {};
  bool zip64 = false;      ///< the sizes are in zip64 fields
  int descriptor = 0;      ///< bytes of the record after the content: 0, 16 or 24
  std::string after = "";  ///< between this entry and the next
};

struct ZipFile {
  std::vector<ZipItem> items;
  bool zip64 = false;  ///< with the zip64 end records
  std::string before = "";
  std::string comment = "";
  std::uint16_t disk = 0;
  std::optional<std::uint64_t> count = {};
  std::optional<std::uint64_t> directory_begin = {};
  std::optional<std::uint64_t> directory_size = {};

  std::string bytes() const {
    std::string file = before, directory;
    for (const ZipItem& item : items) {
      const std::uint64_t header = file.size();
      file += "PK\x03\x04" + little(0, 2) + fields(item, item.local, true) + item.content;
      if (item.descriptor != 0) {
        const std::size_t width = item.descriptor == 24 ? 8 : 4;
        file += "PK\x07\x08" + little(kChecksum, 4) + little(item.content.size(), width) +
                little(item.content.size(), width);
      }
      file += item.after;
      directory += central(item, item.directory.header.value_or(header));
    }
    const std::uint64_t begin = directory_begin.value_or(file.size());
    const std::uint64_t size = directory_size.value_or(directory.size());
    const std::uint64_t entries = count.value_or(items.size());
    file += directory;
    if (zip64) {
      const std::size_t end64 = file.size();
      file += "PK\x06\x06" + little(44, 8) + little(0, 4) + little(disk, 4) + little(disk, 4) +
              little(entries, 8) + little(entries, 8) + little(size, 8) + little(begin, 8) +
              "PK\x06\x07" + little(disk, 4) + little(end64, 8) + little(1, 4);
    }
    return file + "PK\x05\x06" + little(disk, 2) + little(disk, 2) +
           little(zip64 ? 0xffff : entries, 2) + little(zip64 ? 0xffff : entries, 2) +
           little(zip64 ? 0xffffffff : size, 4) + little(zip64 ? 0xffffffff : begin, 4) +
           little(comment.size(), 2) + comment;
  }

 private:
  static constexpr std::uint32_t kChecksum = 0x12345678;  // nobody asks

  // What both headers have: flags to extra field, with the sizes left to a descriptor or not.
  static std::string fields(const ZipItem& item, const ZipItem::Claims& claims, bool is_local) {
    const bool later = is_local && item.descriptor != 0;
    const std::uint64_t size = claims.size.value_or(later ? 0 : item.content.size());
    const std::string name = claims.name.value_or(item.name);
    const std::string extra =
        claims.extra +
        (item.zip64 ? little(1, 2) + little(16, 2) + little(size, 8) + little(size, 8) : "");
    const std::uint64_t shown_size = item.zip64 ? 0xffffffff : size;
    std::string bytes = little(claims.flags.value_or(item.descriptor ? 8 : 0), 2) +
                        little(claims.method.value_or(0), 2) + little(0, 4) +
                        little(claims.checksum.value_or(later ? 0 : kChecksum), 4) +
                        little(shown_size, 4) + little(shown_size, 4) + little(name.size(), 2) +
                        little(extra.size(), 2);
    return is_local ? bytes + name + extra : bytes;
  }

  static std::string central(const ZipItem& item, std::uint64_t header) {
    const ZipItem::Claims& claims = item.directory;
    const std::string whole = fields(item, claims, false);
    const std::uint64_t size = claims.size.value_or(item.content.size());
    const std::string extra =
        claims.extra +
        (item.zip64 ? little(1, 2) + little(16, 2) + little(size, 8) + little(size, 8) : "");
    return "PK\x01\x02" + little(0, 4) + whole + little(0, 2) + little(claims.disk, 2) +
           little(0, 6) + little(header, 4) + claims.name.value_or(item.name) + extra;
  }
};

/// A checkpoint in the zip form: the pickle, and the storages by key.
inline ZipFile torch_zip(const std::string& pickled,
                         const std::vector<std::pair<std::string, std::string>>& storages) {
  ZipFile zip{{{"archive/data.pkl", pickled}, {"archive/byteorder", "little"}}};
  for (const auto& [key, bytes] : storages) zip.items.push_back({"archive/data/" + key, bytes});
  zip.items.push_back({"archive/version", "3\n"});
  return zip;
}

/// A storage of the legacy form.
struct LegacyStorage {
  std::string key;
  std::uint64_t count;
  std::string bytes;
};

inline const std::string kLegacyMagic = pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
inline const std::string kLegacyVersion = pickle("M" + little(1001, 2));

/// A checkpoint in the form before zip.
inline std::string torch_legacy(const std::string& pickled,
                                const std::vector<LegacyStorage>& storages) {
  std::vector<std::string> keys;
  std::string data;
  for (const auto& [key, count, bytes] : storages) {
    keys.push_back(text(key));
    data += little(count, 8) + bytes;
  }
  return kLegacyMagic + kLegacyVersion + pickle(dict({text("little_endian"), "\x88"})) + pickled +
         pickle(list(keys)) + data;
}

}  // namespace velatura::testing
