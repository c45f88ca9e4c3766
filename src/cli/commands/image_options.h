#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "velatura/request.h"

namespace velatura::cli {

/// --image and its other names. @param purpose  "The picture to …"
void add_image_option(CLI::App& command, std::string& path, const std::string& purpose);

/// An option for another picture file, in the group Input. '-' is standard input.
CLI::Option* add_file_option(CLI::App& command, const std::string& names, std::string& path,
                             const std::string& description);

/// --strength and --resize, for commands that begin with a picture.
template <class Task>
void add_start_options(CLI::App& command, Task& request);

/// Reads the pictures that a command line names, of which one may be standard input. Asked before
/// settle(), which would read a prompt from there.
class InputPictures {
 public:
  /// @param prompt  as given; "-" has taken standard input
  explicit InputPictures(const std::string& prompt)
      : stdin_taken_by_(prompt == "-" ? "PROMPT" : "") {}

  /// @param option  for messages. @throws UsageError if no file was named, or standard input twice;
  ///                InputError
  Image image(const std::string& option, const std::string& path);
  GrayImage gray_image(const std::string& option, const std::string& path);

 private:
  template <class Picture, class FromFile, class FromBytes>
  Picture read(const std::string& option, const std::string& path, FromFile from_file,
               FromBytes from_bytes);

  std::string stdin_taken_by_;  ///< an option's name; empty: nobody yet
};

}  // namespace velatura::cli
