#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "batch/settings.h"
#include "cli/pictures/picture_job.h"
#include "recipe/recipe.h"

namespace velatura::cli {

/// What makes a picture again.
struct RecipeJob {
  PictureJob job;                     ///< its model and VAE are paths
  std::vector<std::string> warnings;  ///< where it may not be the same again; one line each
};

/// The job of a picture's recipe. The device is this machine's.
/// @param picture    the file, for messages
/// @param overrides  options that are given beside the recipe, all with values; files that went
/// into the picture
///                   must be
/// @throws InputError if the recipe says nothing, or its model is not found; UsageError if a file
///         is missing, the seed told cannot be used, or a setting is none of its command's
RecipeJob recipe_job(const std::filesystem::path& picture, const recipe::Recipe& recipe,
                     const batch::Settings& overrides);

/// What tells the job's model from the one that the recipe names by its hash, in one line; empty if
/// they are the same, or the recipe has no hash of a whole file. @throws InputError
std::string other_model(const recipe::Recipe& recipe, const PictureOptions& options);

}  // namespace velatura::cli
