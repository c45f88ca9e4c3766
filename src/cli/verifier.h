#pragma once

#include <filesystem>
#include <optional>

#include "batch/settings.h"
#include "cli/model_check.h"
#include "cli/report/verification.h"
#include "generator/resident_generator.h"
#include "recipe/recipe.h"
#include "velatura/error.h"
#include "velatura/progress.h"

namespace velatura::cli {

/// Whether an error has to do with one picture alone, and others may still be verified.
bool is_about_the_picture(const Error& error);

/// Makes pictures again in memory and compares. The last model stays loaded.
class Verifier {
 public:
  /// @param overrides  as for recipe_job(); it and the observer must outlive the verifier
  /// @param tolerance  in levels; absent: usual_tolerance()
  Verifier(const batch::Settings& overrides, std::optional<int> tolerance, Observer& observer)
      : overrides_(overrides),
        tolerance_(tolerance),
        observer_(observer),
        check_(find(overrides, "force") != nullptr) {}

  /// @throws InputError if the file is no picture, or its model is not found; UsageError as
  ///         recipe_job(); Interrupted, ResourceError
  Verification verify(const std::filesystem::path& picture);

  /// The last picture that was made again; empty before the first.
  const Image& made() const { return made_.image; }

 private:
  void make(const std::filesystem::path& picture, const recipe::Recipe& recipe);

  const batch::Settings& overrides_;
  std::optional<int> tolerance_;
  Observer& observer_;
  ModelCheck check_;
  ResidentGenerator generator_;
  Picture made_;
};

}  // namespace velatura::cli
