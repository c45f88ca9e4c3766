#pragma once

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "velatura/error.h"

namespace velatura::testing {

/// libFuzzer's input.
struct Input {
  std::span<const std::byte> bytes;

  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  /// The first byte, which chooses what is tried, and the rest.
  std::pair<unsigned, Input> split() const {
    if (bytes.empty()) return {0, {}};
    return {std::to_integer<unsigned>(bytes[0]), {bytes.subspan(1)}};
  }
};

/// Refusing the input is as good as accepting it; any other exception is a finding.
void accepts_or_refuses(auto&& work) {
  try {
    work();
  } catch (const InputError&) {
  } catch (const UsageError&) {
  }
}

/// A folder in memory for what can only be read from files; one a process, removed at its end.
class MemoryFolder {
 public:
  MemoryFolder() : path_("/dev/shm/velatura-fuzz-" + std::to_string(getpid())) {
    std::filesystem::create_directories(path_);
  }
  ~MemoryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  MemoryFolder(const MemoryFolder&) = delete;
  MemoryFolder& operator=(const MemoryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace velatura::testing

/// Each fuzzer defines it.
void fuzz(velatura::testing::Input input);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz({std::as_bytes(std::span(data, size))});
  return 0;
}
