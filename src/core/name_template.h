#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace velatura {

/// "cat-2.png", from "cat.png": the name that comes next where one is taken.
std::filesystem::path numbered(const std::filesystem::path& file, std::uint64_t number);

/// A file name with fields: {seq}, {seed}, {index}, {date}, {prompt}; {seq:05} pads with zeros; {{
/// and }} are braces. Folders may have {date} and {prompt}. A name that ends in / or is a folder
/// gets `{seq:05}-{seed}.png` behind it.
class NameTemplate {
 public:
  /// What one picture puts into the fields.
  struct Fields {
    std::uint64_t seq = 0;
    std::uint64_t seed = 0;
    std::uint64_t index = 0;
    std::string_view prompt = {};  ///< any text; shortened to what a file name can hold
  };

  /// @throws UsageError for an unknown field or a missing brace; the extension may be any
  explicit NameTemplate(const std::string& name);

  std::filesystem::path expand(const Fields& fields) const;
  std::filesystem::path folder(std::string_view prompt) const;

  /// The part of the folder that no field changes.
  std::filesystem::path root() const;

  /// True if a field changes it: it is no name in full.
  bool has_fields() const;

  /// True if the file name (not the folder) has one of these fields.
  bool has_field(std::initializer_list<std::string_view> names) const;

  /// Puts the field, after a dash, before the extension.
  void append_field(const std::string& name);

  /// A regular expression for the names of files in the folder, whose one group is {seq}.
  std::string seq_pattern() const;

 private:
  struct Piece {
    std::string text;  ///< a literal, or the field's name
    bool is_field = false;
    std::size_t width = 0;
  };

  static std::vector<Piece> parse(const std::string& name);
  std::string expand(const std::vector<Piece>& pieces, const Fields& fields) const;

  std::vector<Piece> folder_;
  std::vector<Piece> stem_;
  std::string extension_;
  std::string date_;
};

}  // namespace velatura
