#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

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
  std::uintmax_t bytes = 0;
  double elapsed_s = 0;
};

/// One path, however it is written.
std::filesystem::path full_path(const std::filesystem::path& path);

/// What all runs of a batch have recorded so far: the journals of all its shards, which lie beside
/// the pictures as `NAME.journal.jsonl` and `NAME.2-of-8.journal.jsonl`.
class History {
 public:
  /// Nothing recorded.
  History() = default;

  /// Lines that are torn or damaged count as not recorded.
  /// @param root  the folder they lie in
  /// @param name  of the batch
  static History read(const std::filesystem::path& root, const std::string& name);

  /// The picture with that id; null if it was never begun.
  const Entry* find(const std::string& id) const;
  /// True if the batch has begun to write a picture there.
  bool owns(const std::filesystem::path& path) const;

  const std::map<std::string, Entry>& entries() const { return entries_; }
  /// The job file that the pictures were made from; empty if nothing is recorded.
  const std::string& job_file() const { return job_file_; }

 private:
  void read_journal(const std::filesystem::path& path, const std::filesystem::path& root);
  void add(Entry&& entry);

  std::map<std::string, Entry> entries_;
  std::map<std::filesystem::path, std::string> owners_;  ///< by absolute path; the last one's id
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
  /// For the names of temporary files, so that they can be told from those of others.
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
