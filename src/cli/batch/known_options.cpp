#include "cli/batch/known_options.h"

#include "cli/pictures/draft.h"
#include "cli/pictures/picture_tasks.h"

namespace velatura::cli {

batch::KnownOptions known_options() {
  batch::KnownOptions known;
  for (const PictureTask& task : picture_tasks()) {
    Draft draft = draft_of(task.name);
    for (const auto& [field, place] : slots_of(draft)) {
      known.names.emplace(field.name);
      for (const std::string_view other : field.others)
        if (!other.empty()) known.names.emplace(other);
      if (field.letter != '\0') known.letters.emplace(field.letter, field.name);
    }
  }
  return known;
}

}  // namespace velatura::cli
