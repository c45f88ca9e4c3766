#pragma once

#include <filesystem>

namespace velatura {

/// A file or folder of several steps that appears under its name only when it is complete. It is
/// made in a folder beside it, `.velatura-NAME.part`, which is locked while it is worked on; what a
/// killed run has left there is removed by the next one. All of it throws OutputError naming the
/// path and the reason.
class StagedOutput {
 public:
  /// @throws OutputError also if another process is making the same output
  explicit StagedOutput(const std::filesystem::path& target);
  /// Without commit() everything is removed and the target is as it was.
  ~StagedOutput();
  StagedOutput(const StagedOutput&) = delete;
  StagedOutput& operator=(const StagedOutput&) = delete;

  /// Where to make it: the output goes by this name until commit().
  const std::filesystem::path& path() const { return path_; }

  /// Puts the output in the target's place; what was there before is gone.
  void commit();

 private:
  std::filesystem::path target_, stage_, path_;
  int lock_ = -1;
};

}  // namespace velatura
