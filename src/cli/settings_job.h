#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "batch/settings.h"
#include "cli/pictures/draft.h"
#include "cli/pictures/file_inputs.h"

namespace velatura::cli {

/// A picture command that is given settings instead of a command line.
class SettingsJob {
 public:
  /// The command is the setting "task", else what the settings need: a mask makes it inpaint, a
  /// depth map depth2img, a noise level upscale, a picture img2img.
  /// @param defaults  of which those count that the command has and `own` does not give, also not
  ///                  as a sampler's label that holds a schedule
  /// @throws UsageError for settings that the command does not have or cannot take
  SettingsJob(const batch::Settings& defaults, const batch::Settings& own);

  /// The seed that is asked for; absent: random.
  std::optional<std::uint64_t> seed() const { return draft_.unread.seed; }

  /// Reads the pictures that the settings name. @throws UsageError, InputError
  PictureJob job(request::Inputs& inputs) const { return job_of(draft_, inputs); }

  /// @throws UsageError if `own` gives what is for a whole run, and so cannot differ from picture
  ///         to picture: device, output of messages and the like
  void check_for_a_line() const;

  /// The files that are named, by option; pictures that are text are none.
  std::multimap<std::string, std::string> files() const;

  /// One text for all settings under which the same pictures come out: the task, every option that
  /// was given but for the seed, the number of pictures and their names, and files by content.
  /// @throws InputError if a file cannot be read
  std::string identity(FileInputs& files) const;

 private:
  /// What was given for an option.
  struct Given {
    request::Field field;
    bool is_file;
    bool may_be_file;                ///< each text, or a part of it, may name a picture
    bool is_own;                     ///< not a default
    std::vector<std::string> texts;  ///< one, but for lists
  };

  void apply(const std::vector<request::Slot>& slots, const batch::Setting& setting, bool is_own);

  std::string task_;
  Draft draft_;
  std::map<std::string, Given> given_;  ///< by main name
};

/// The slot of an option, by any of its long names; null if there is none.
const request::Slot* find_slot(const std::vector<request::Slot>& slots, std::string_view name);

}  // namespace velatura::cli
