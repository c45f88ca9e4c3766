#pragma once

#include "cli/pictures/picture_job.h"
#include "recipe/recipe.h"

namespace velatura::cli {

/// Puts the files in the place of the names that a job's adapters were given, and adds the embeddings
/// of the folder whose names its prompts have. @throws InputError saying where one was looked for
void locate_adapters(PictureJob& job);

/// The same for a picture that is made again: what it names must have the contents it had then.
/// @param overridden  true for options that were given anew
/// @throws InputError as above, UsageError naming the option with which one must be given
void locate_adapters(PictureJob& job, const recipe::Recipe& recipe,
                     const std::function<bool(std::string_view option)>& overridden);

}  // namespace velatura::cli
