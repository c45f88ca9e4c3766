#include "batch/journal.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <vector>

#include "core/atomic_file.h"
#include "core/name_claims.h"
#include "core/sha256.h"

namespace velatura::batch {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kEnding = ".journal.jsonl";
constexpr int kFormat = 1;
const std::string kStdin = "stdin";

fs::path journal_path(const fs::path& root, const std::string& name, const Shard& shard) {
  const std::string part =
      shard.is_all() ? ""
                     : "." + std::to_string(shard.index) + "-of-" + std::to_string(shard.count);
  return root / (name + part + kEnding);
}

// Whether a file is one of a batch's journals.
bool is_journal_of(const std::string& file, const std::string& name) {
  if (!file.starts_with(name + ".") || !file.ends_with(kEnding)) return false;
  const std::string part =
      file.substr(name.size(), file.size() - name.size() - std::char_traits<char>::length(kEnding));
  return part.empty() || (part.find("-of-") != part.npos && part.rfind('.') == 0);
}

// The journals of all batches that are there.
std::vector<fs::path> journals(const fs::path& root) {
  std::vector<fs::path> paths;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(root.empty() ? "." : root, error)) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(kEnding)) paths.push_back(root / file);
  }
  return paths;
}

std::vector<fs::path> journals(const fs::path& root, const std::string& name) {
  auto paths = journals(root);
  std::erase_if(paths, [&name](const fs::path& path) {
    return !is_journal_of(path.filename().string(), name);
  });
  return paths;
}

std::string tag_of(const fs::path& journal) {
  return sha256(journal.filename().string()).substr(0, 8) + "-";
}

// A journal can be moved together with its pictures.
std::string beside(const fs::path& path, const fs::path& root) {
  const fs::path relative = full_path(path).lexically_relative(full_path(root / "."));
  const bool inside = !relative.empty() && *relative.begin() != "..";
  return (inside ? relative : full_path(path)).generic_string();
}

Json record(const char* event, const Entry& entry, const fs::path& root) {
  return {{"event", event},
          {"id", entry.id},
          {"line", entry.line},
          {"path", beside(entry.path, root)},
          {"seed", entry.seed}};
}

std::string line_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Json> read_header(const fs::path& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) return std::nullopt;
  auto header = Json::parse(line, nullptr, false);
  const bool ours = header.is_object() && header.value("velatura_batch", Json()) == kFormat &&
                    header.value("job_file", Json()).is_string() &&
                    header.value("random_seed", Json()).is_number_unsigned();
  return ours ? std::optional(header) : std::nullopt;
}

// What a journal says was begun or saved, in its order.
std::vector<Entry> read_entries(const fs::path& path, const fs::path& root) {
  std::vector<Entry> entries;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line) && !file.eof();) {
    const auto record = Json::parse(line, nullptr, false);
    if (!record.is_object()) continue;
    try {
      const std::string event = record.value("event", "");
      if (event != "started" && event != "saved") continue;
      entries.push_back({.id = record.at("id"),
                         .line = record.at("line"),
                         .path = (root / record.at("path").get<std::string>()).lexically_normal(),
                         .seed = record.at("seed"),
                         .saved = event == "saved",
                         .reserved = record.value("reserved", false),
                         .bytes = record.value("bytes", std::uintmax_t{0}),
                         .elapsed_s = record.value("elapsed_s", 0.0)});
    } catch (const nlohmann::json::exception&) {
      continue;
    }
  }
  return entries;
}

}  // namespace

std::string stdin_batch_name(std::string_view list) {
  return kStdin + "-" + sha256(list).substr(0, 8);
}

fs::path full_path(const fs::path& path) {
  return fs::absolute(path).lexically_normal();
}

History History::read(const fs::path& root, const std::string& name) {
  History history;
  std::vector<fs::path> own;
  for (const fs::path& path : journals(root)) {
    const std::string file = path.filename().string();
    if (is_journal_of(file, name)) {
      own.push_back(path);
      continue;
    }
    const bool of_any_list = name.starts_with(kStdin + "-") && is_journal_of(file, kStdin);
    for (Entry& entry : read_entries(path, root)) {
      history.of_others_.insert(full_path(entry.path));
      if (of_any_list) history.add(std::move(entry));
    }
  }
  for (const fs::path& path : own) history.read_journal(path, root);
  return history;
}

void History::read_journal(const fs::path& path, const fs::path& root) {
  if (const auto header = read_header(path)) job_file_ = header->at("job_file");
  tags_.insert(tag_of(path));
  for (Entry& entry : read_entries(path, root)) add(std::move(entry));
}

void History::add(Entry&& entry) {
  std::string& owner = owners_[full_path(entry.path)];
  // What another picture is written over is no longer there.
  if (!owner.empty() && owner != entry.id) entries_[owner].saved = false;
  owner = entry.id;
  Entry& known = entries_[entry.id];
  if (entry.saved || !known.saved) known = std::move(entry);
}

bool History::owns(const fs::path& path) const {
  const fs::path full = full_path(path);
  const auto owner = owners_.find(full);
  if (owner == owners_.end() || of_others_.contains(full)) return false;
  const Entry& entry = entries_.at(owner->second);
  if (full_path(entry.path) != full) return false;  // it had to give way to what is there
  if (entry.saved || !entry.reserved) return true;
  // It is written before that is recorded, and the name is given back only then.
  const auto holder = NameClaims::holder(path);
  return holder && tags_.contains(*holder);
}

bool History::is_of_another(const fs::path& path) const {
  const fs::path full = full_path(path);
  return of_others_.contains(full) || (owners_.contains(full) && !owns(path));
}

const Entry* History::find(const std::string& id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second;
}

Journal::Journal(const fs::path& root, const std::string& name, const std::string& job_file,
                 const Shard& shard)
    : root_(root), path_(journal_path(root, name, shard)), tag_(tag_of(path_)) {
  using Lock = AppendFile::Lock;
  if (!shard.is_all()) {
    whole_ = std::make_unique<AppendFile>(journal_path(root, name, {}), Lock::shared);
  }
  file_ = std::make_unique<AppendFile>(path_, Lock::exclusive);
  remove_leftovers(name);
  if (const auto header = read_header(path_)) {
    random_seed_ = header->at("random_seed");
    return;
  }
  std::random_device random;
  random_seed_ = random();
  file_->append(line_of(
      {{"velatura_batch", kFormat}, {"job_file", job_file}, {"random_seed", random_seed_}}));
}

void Journal::started(const Entry& entry) {
  Json started = record("started", entry, root_);
  if (entry.reserved) started["reserved"] = true;
  file_->append(line_of(started));
}

void Journal::saved(const Entry& entry) {
  Json saved = record("saved", entry, root_);
  saved["bytes"] = entry.bytes;
  saved["elapsed_s"] = entry.elapsed_s;
  file_->append(line_of(saved));
}

void Journal::failed(const Entry& entry, const std::string& reason) {
  Json failed = record("failed", entry, root_);
  failed["reason"] = reason;
  file_->append(line_of(failed));
}

void Journal::remove_leftovers(const std::string& name) const {
  std::set<fs::path> folders;
  const History history = History::read(root_, name);
  for (const auto& [id, entry] : history.entries()) {
    if (!entry.saved) folders.insert(entry.path.parent_path());
  }
  for (const fs::path& journal : journals(root_, name)) {
    if (journal != path_ && !AppendFile::is_idle(journal)) continue;
    for (const fs::path& folder : folders) remove_temporaries(folder, tag_of(journal));
  }
}

}  // namespace velatura::batch
