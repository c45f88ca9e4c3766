#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include "core/atomic_file.h"
#include "image/read_metadata.h"
#include "selftest/checks.h"
#include "velatura/image.h"

namespace velatura::selftest {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(fs::temp_directory_path() / ("velatura-selftest-" + std::to_string(::getpid()))) {
    fs::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Every value, and no two neighbouring pixels the same.
Image pattern() {
  Image image{37, 23, {}};
  for (int i = 0; i < image.width * image.height * 3; ++i)
    image.pixels.push_back(static_cast<std::uint8_t>(i * 7));
  return image;
}

}  // namespace

Finding check_png(at::Device) {
  const Image image = pattern();
  const Metadata metadata{"a cat, 猫\nSteps: 7", R"({"seed": 7})"};
  const auto file = encode_image(image, ImageFormat::png, metadata);
  const Image decoded = decode_image(file, "the PNG");
  const bool same_picture = decoded.width == image.width && decoded.height == image.height &&
                            decoded.pixels == image.pixels;
  if (!same_picture) return failed("the picture is another one when it is read back");
  const Metadata read = read_metadata(file, "the PNG");
  if (read.parameters != metadata.parameters || read.receipt != metadata.receipt)
    return failed("the metadata is not what was written");
  return passed("picture and metadata come back, " + std::to_string(file.size()) + " bytes");
}

Finding check_atomic_write(at::Device) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "file";
  write_file_atomically(path, bytes_of("first"));
  {
    AtomicFile abandoned(path);
    abandoned.write(bytes_of("abandoned"));
  }
  if (content(path) != "first") return failed("a write that was given up has changed the file");
  write_file_atomically(path, bytes_of("second"));
  if (content(path) != "second") return failed("the file does not hold what was written");
  const auto files = std::distance(fs::directory_iterator(folder.path()), {});
  if (files != 1) return failed("temporary files are left behind");
  return passed("files are replaced whole in " + fs::temp_directory_path().string());
}

}  // namespace velatura::selftest
