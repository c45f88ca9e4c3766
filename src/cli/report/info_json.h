#pragma once

#include <nlohmann/json.hpp>

#include "inspection/file_summary.h"
#include "inspection/model_summary.h"
#include "recipe/recipe.h"

namespace velatura::cli {

/// What `velatura info --json` prints.
nlohmann::ordered_json to_json(const inspection::ModelSummary& summary);
nlohmann::ordered_json to_json(const inspection::FileSummary& summary);
nlohmann::ordered_json to_json(const recipe::Recipe& recipe);

}  // namespace velatura::cli
