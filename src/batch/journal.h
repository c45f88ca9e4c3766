#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "batch/shard.h"
#include "core/append_file.h"

namespace velatura::batch {

/// What a journal says about one picture.
struct Entry {
  std::string id;              ///< see Picture::id
  int line = 0;                ///< of the job file at that time
  std::filesystem::path path;  ///< where it went
  std::uint64_t seed = 0;
  bool saved = false;  ///< else it was only begun
  /// Nothing was there when it was begun, and others were kept from the name.
  bool reserved = false;
  std::uintmax_t bytes = 0;
  double elapsed_s = 0;
};

/// One path, however it is written.
std::filesystem::path full_path(const std::filesystem::path& path);

/// What a list from standard input is called: its content tells it from others.
std::string stdin_batch_name(std::string_view list);

/// What all runs of a batch have recorded so far: the journals of all its shards, which lie beside
/// the pictures as `NAME.journal.jsonl` and `NAME.2-of-8.journal.jsonl`.
class History {
 public:
  /// Nothing recorded.
  History() = default;

  /// Lines that are torn or damaged count as not recorded. A list from standard input may have
  /// pictures in a journal `stdin`, as all such lists had once.
  /// @param root  the folder they lie in
  /// @param name  of the batch
  static History read(const std::filesystem::path& root, const std::string& name);

  /// The picture with that id; null if it was never begun.
  const Entry* find(const std::string& id) const;
  /// True if what is there, if anything, is the batch's, and it may replace it.
  bool owns(const std::filesystem::path& path) const;
  /// True if another batch in the folder has begun to write a picture there, or somebody has taken
  /// the name that this one had begun with.
  bool is_of_another(const std::filesystem::path& path) const;

  const std::map<std::string, Entry>& entries() const { return entries_; }
  /// The job file that the pictures were made from; empty if nothing is recorded.
  const std::string& job_file() const { return job_file_; }

 private:
  void read_journal(const std::filesystem::path& path, const std::filesystem::path& root);
  void add(Entry&& entry);

  std::map<std::string, Entry> entries_;
  std::map<std::filesystem::path, std::string> owners_;  ///< by absolute path; the last one's id
  std::set<std::filesystem::path> of_others_;            ///< absolute paths
  std::set<std::string> tags_;                           ///< of the batch's journals
  std::string job_file_;
};

/// The journal of one shard, held while a run is at work: no two runs do the same work.
class Journal {
 public:
  /// Opens or begins it, and removes the temporary files that killed runs have left.
  /// @throws OutputError
  Journal(const std::filesystem::path& root, const std::string& name, const std::string& job_file,
          const Shard& shard);

  /// From which the seeds are drawn that the job file leaves open.
  std::uint64_t random_seed() const { return random_seed_; }
  /// For temporary files and reserved names, so that they can be told from those of others.
  const std::string& tag() const { return tag_; }

  void started(const Entry& entry);
  void saved(const Entry& entry);
  void failed(const Entry& entry, const std::string& reason);

 private:
  void remove_leftovers(const std::string& name) const;

  std::filesystem::path root_;
  std::filesystem::path path_;
  std::string tag_;
  std::unique_ptr<AppendFile> whole_;  ///< the unsharded journal, shared by all shards
  std::unique_ptr<AppendFile> file_;
  std::uint64_t random_seed_ = 0;
};

}  // namespace velatura::batch
