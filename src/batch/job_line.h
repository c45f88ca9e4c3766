#pragma once

#include <optional>
#include <string_view>

#include "batch/known_options.h"
#include "batch/settings.h"

namespace velatura::batch {

/// The settings of one line of a job file, each line recognised by itself:
///     a red circle                                         a prompt
///     a red circle --n blurry --w 512 --s 20 --l 7.5       kohya's letters, or names of options
///     --prompt "a red circle" --cfg_scale 7 --n_iter 2     a web UI's names, words as in a shell
///     {"prompt": "a red circle", "cfg_scale": 7}           the fields of a web UI's API
/// @param known  options that are refused where they are not written as here, see
///               check_option_signs()
/// @return nothing for a blank line or a comment (which begins with #)
/// @throws UsageError saying what is wrong with it
std::optional<Settings> parse_job_line(std::string_view line, const KnownOptions& known = {});

}  // namespace velatura::batch
