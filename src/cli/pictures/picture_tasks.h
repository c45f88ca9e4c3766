#pragma once

#include <span>
#include <string_view>

namespace velatura::cli {

/// A command that makes pictures.
struct PictureTask {
  const char* name;
  const char* description;
  const char* bundled;  ///< the bundled model that is taken where none is named
  const char* footer;   ///< what its help ends with
};

/// All of them, in the order help shows them.
std::span<const PictureTask> picture_tasks();

/// @throws UsageError for other names
const PictureTask& picture_task(std::string_view name);

}  // namespace velatura::cli
