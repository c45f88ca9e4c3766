#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace velatura::cli {

/// Where the pictures of one run go, from what -o says: a file name, a folder, or a template with
/// fields ({seq}, {seed}, {index}, {date}, {prompt}; {seq:05} pads with zeros; {{ and }} are
/// braces). A name that would be the same for several pictures gets -0, -1, … before its extension.
class OutputNames {
 public:
  /// @throws UsageError for an unknown field or extension
  OutputNames(const std::string& output, int num_images, const std::string& prompt);

  /// The name of the next picture. `seq` is the next number no file of this pattern has.
  std::filesystem::path next(std::uint64_t seed);

  const std::filesystem::path& folder() const { return folder_; }

 private:
  struct Piece {
    std::string text;  ///< a literal, or the field's name
    bool is_field = false;
    std::size_t width = 0;
  };

  static std::vector<Piece> parse(const std::string& name);
  static void check_field(const Piece& piece);
  bool has_field(std::initializer_list<const char*> names) const;
  std::uint64_t first_free_number() const;
  std::string expand(const Piece& piece, std::uint64_t seed) const;

  std::filesystem::path folder_;
  std::vector<Piece> pieces_;  ///< of the file name
  std::string date_;
  std::string slug_;
  int index_ = 0;
  std::uint64_t seq_ = 0;
};

/// Makes sure that a file can be made in `folder` (or in the nearest parent that exists, where the
/// missing folders will be made), and leaves nothing there. @throws OutputError
void check_writable(const std::filesystem::path& folder);

}  // namespace velatura::cli
