#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "request/inputs.h"
#include "velatura/progress.h"

namespace velatura::cli {

/// Whether a text is a data: URL or names a file that is a picture.
/// @throws InputError for a name that only a picture would have, and none has
bool names_picture_file(const std::string& text);

/// Files, by their paths, and data: URLs with pictures in them. What is asked for again soon after is not read again.
class FileInputs : public request::Inputs {
 public:
  /// Whoever hears what is wrong with files that can be read all the same, once a file.
  /// @param observer  null: nobody; must outlive this
  explicit FileInputs(Observer* observer = nullptr) : warnings_(observer) {}

  Image image(const std::string& field, const std::string& name) override;
  GrayImage gray_image(const std::string& field, const std::string& name) override;
  Latents latents(const std::string& field, const std::string& name) override;
  ImageEmbeds image_embeds(const std::string& field, const std::string& name) override;
  bool names_image(const std::string& text) override { return names_picture_file(text); }

  /// The sha256 of a file's or URL's bytes, 64 hex digits, read once. @throws InputError
  const std::string& sha256(const std::string& name);

 private:
  using Content = std::variant<Image, GrayImage, Latents, ImageEmbeds>;
  struct Read {
    std::string name;
    Content content;
  };

  template <class T, class Reader>
  const T& kept(const std::string& name, const Reader& read);

  std::string bytes_of(const std::string& name, const std::string& where);

  /// Passes every warning on once.
  class OnceEach final : public Observer {
   public:
    explicit OnceEach(Observer* observer) : observer_(observer) {}
    void on_warning(std::string_view warning) override;

   private:
    Observer* observer_;
    std::set<std::string, std::less<>> told_;
  };

  OnceEach warnings_;
  std::list<Read> read_;  ///< the last one asked for first
  std::map<std::string, std::string> hashes_;
};

/// The same for a command line, on which '-' is standard input, once.
class StdinInputs final : public request::Inputs {
 public:
  /// @param prompt_is_there  on standard input, which is taken then
  /// @param observer         as for FileInputs; must outlive this
  explicit StdinInputs(bool prompt_is_there, Observer* observer = nullptr);

  Image image(const std::string& field, const std::string& name) override;
  GrayImage gray_image(const std::string& field, const std::string& name) override;
  Latents latents(const std::string& field, const std::string& name) override;
  ImageEmbeds image_embeds(const std::string& field, const std::string& name) override;
  bool names_image(const std::string& text) override { return names_picture_file(text); }

 private:
  std::string take(const std::string& field);

  Observer* observer_;
  FileInputs files_;
  std::string taken_by_;  ///< a field, for messages; empty: nobody yet
};

}  // namespace velatura::cli
