#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace velatura {

/// A text file of lines that is only added to, each line durable before append() returns, held by
/// one process at a time. What a killed writer has left of its last line is cut off. All of it
/// throws OutputError naming the path and the reason.
class AppendFile {
 public:
  enum class Lock { shared, exclusive };

  /// Opens the file, making it and missing folders. @throws OutputError also if another process
  /// holds it
  AppendFile(const std::filesystem::path& path, Lock lock);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  bool empty() const;

  /// @param line  without a line break
  void append(std::string_view line);

  /// True if the file is there and no process holds it.
  static bool is_idle(const std::filesystem::path& path);

 private:
  void cut_torn_line();

  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace velatura
