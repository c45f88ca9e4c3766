#include <charconv>
#include <string_view>

#include "velatura/error.h"
#include "weights/formats/torch_container.h"
#include "weights/formats/zip_archive.h"
#include "weights/sources/names.h"

namespace velatura::weights {
namespace {

constexpr std::string_view kObject = "/data.pkl";

// The folder that everything lies in, told by the one data.pkl.
std::string find_folder(const ZipEntries& entries, const std::string& where) {
  const std::string* found = nullptr;
  for (const auto& [name, bytes] : entries) {
    if (!name.ends_with(kObject)) continue;
    if (found) {
      throw InputError(where + ": two objects in one checkpoint, '" + shown(*found) + "' and '" +
                       shown(name) + "'");
    }
    found = &name;
  }
  if (!found) {
    throw InputError(where + ": a zip archive, but not a PyTorch checkpoint: no data.pkl in it");
  }
  return found->substr(0, found->size() - kObject.size());
}

std::string_view text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// PyTorch's reader takes versions 1 to 10.
bool is_known_version(std::string_view version) {
  if (version.ends_with('\n')) version.remove_suffix(1);
  int number = 0;
  const auto [end, error] =
      std::from_chars(version.data(), version.data() + version.size(), number);
  return error == std::errc() && end == version.data() + version.size() && number >= 1 &&
         number <= 10;
}

// Checks one of the archive's small entries, where it is there.
void check_note(const ZipEntries& entries, const std::string& folder, const std::string& name,
                bool (*accepts)(std::string_view), const std::string& expected,
                const std::string& where) {
  const auto entry = entries.find(folder + "/" + name);
  if (entry == entries.end() || accepts(text(entry->second))) return;
  throw InputError(where + ": " + name + " is '" + shown(text(entry->second)) + "', expected " +
                   expected);
}

}  // namespace

TorchContent read_torch_zip(std::span<const std::byte> file, const std::string& where) {
  const ZipEntries entries = read_zip(file, where);
  const std::string folder = find_folder(entries, where);
  check_note(
      entries, folder, "byteorder", [](std::string_view order) { return order == "little"; },
      "little", where);
  check_note(entries, folder, "version", is_known_version, "1 to 10", where);
  const auto pickled = entries.find(folder + std::string(kObject))->second;
  TorchContent content{read_pickle(pickled, where + ": data.pkl"), {}};
  if (content.object.size != pickled.size()) {
    throw InputError(where + ": data.pkl goes on after its pickle's end");
  }
  const std::string prefix = folder + "/data/";
  for (auto entry = entries.lower_bound(prefix);
       entry != entries.end() && entry->first.starts_with(prefix); ++entry) {
    content.storages.emplace(entry->first.substr(prefix.size()), entry->second);
  }
  return content;
}

}  // namespace velatura::weights
