#pragma once

#include <string>
#include <string_view>

#include "batch/known_options.h"
#include "batch/settings.h"

namespace velatura::batch {

/// A line that begins with `--`: `--name value` with words and quotes as in a shell. The values of
/// prompt and negative_prompt may be several words. @throws UsageError
Settings parse_shell_flags(std::string_view line, const KnownOptions& known);

/// A prompt, and behind it ` --name value`, each value up to the next ` --name`. One-letter names
/// are kohya's: n (negative prompt), w, h, d (seed), s (steps), l (guidance scale), t (strength),
/// i (image), m (mask); ss is the sampler. @throws UsageError
Settings parse_prompt_with_flags(std::string_view line, const KnownOptions& known);

/// The option that kohya's letters stand for; other names as they are.
std::string name_of_letters(std::string_view letters);

}  // namespace velatura::batch
