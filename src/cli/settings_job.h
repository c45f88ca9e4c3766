#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <set>
#include <string>

#include "batch/settings.h"
#include "cli/pictures/picture_command.h"

namespace velatura::cli {

/// True for an option (by its first long name) that says how a whole run works, and so cannot
/// differ from picture to picture: device, output of messages and the like.
bool is_for_the_run(const std::string& option);

/// The first long name of an option, without dashes: "guidance-scale".
std::string main_name(const CLI::Option& option);

/// A picture command that is given settings instead of a command line.
class SettingsJob {
 public:
  /// The command is the setting "task", else what the settings need: a mask makes it inpaint, a
  /// depth map depth2img, a noise level upscale, a picture img2img.
  /// @param defaults  of which those count that the command has and `own` does not give
  /// @throws UsageError for settings that the command does not have or cannot take
  SettingsJob(const batch::Settings& defaults, const batch::Settings& own);

  const std::string& task() const { return task_; }

  /// Reads the pictures that the settings name. To be called once. @throws UsageError, InputError
  PictureJob job() const { return command_.job(); }

  /// @throws UsageError if `own` gives what is_for_the_run()
  void check_for_a_line() const;

  /// One text for all settings under which the same pictures come out: the task, every option that
  /// was given but for the seed, the number of pictures and their names, and files by content.
  /// @throws InputError if a file cannot be read
  std::string identity() const;

 private:
  void apply(const batch::Setting& setting, bool must_be_known);

  std::string task_;
  std::unique_ptr<CLI::App> program_;
  PictureCommand command_;
  std::set<std::string> given_;  ///< main names of the options that `own` gives
};

}  // namespace velatura::cli
