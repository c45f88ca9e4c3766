#pragma once

#include <string>

#include "inspection/file_summary.h"
#include "inspection/model_summary.h"
#include "recipe/recipe.h"

namespace velatura::cli {

/// What `velatura info` prints for people.
std::string to_text(const inspection::ModelSummary& summary);
std::string to_text(const inspection::FileSummary& summary);
std::string to_text(const recipe::Recipe& recipe);

}  // namespace velatura::cli
