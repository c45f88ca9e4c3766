#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace velatura {

/// The names of files that a run is going to write, reserved among all runs on all machines that
/// share a folder. A reserved name is a link `.velatura-HASH.claim` beside the file, to one of this
/// run's own that it has locked: links are made atomically, on NFS too, and a lock ends with its
/// process, however that ends. What a killed run has left is taken over by whoever wants the name.
/// Where links or the folder cannot be made, nothing is reserved: who writes must not rely on it,
/// see write_new_file_atomically().
class NameClaims {
 public:
  /// @param tag  of those who go on with this run's work if it is killed, and so may have its names
  ///             at once; empty: nobody. Without line breaks.
  explicit NameClaims(std::string tag = "");
  /// Gives back all names.
  ~NameClaims();
  NameClaims(const NameClaims&) = delete;
  NameClaims& operator=(const NameClaims&) = delete;

  /// Reserves the name, whether a file has it or not. @return false if another run has reserved it
  bool take(const std::filesystem::path& file);

  /// Reserves the name of a file that is to be new. @return false also if a file is there
  bool take_new(const std::filesystem::path& file);

  void give_back(const std::filesystem::path& file);

  /// The tag of the run, living or killed, that has reserved the name; nothing if none has.
  static std::optional<std::string> holder(const std::filesystem::path& file);

  /// Removes what killed runs have left in a folder, but for claims with another tag on files that
  /// are there: they tell who goes on with that run's work whose these are.
  static void sweep(const std::filesystem::path& folder, const std::string& tag = "");

 private:
  /// What the claims in one folder lead to.
  struct Anchor {
    std::filesystem::path path;
    int descriptor;
    std::set<std::filesystem::path> claims;
  };
  Anchor* anchor_in(const std::filesystem::path& folder);
  bool is_own(const Anchor& anchor, const std::filesystem::path& claim) const;
  void drop(const std::filesystem::path& folder);

  std::string tag_;
  std::map<std::filesystem::path, Anchor> anchors_;  ///< by folder
};

}  // namespace velatura
