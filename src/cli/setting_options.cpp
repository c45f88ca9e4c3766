#include "cli/setting_options.h"

#include <map>
#include <string>

#include "cli/field_options.h"
#include "cli/pictures/picture_tasks.h"

namespace velatura::cli {

void add_setting_options(CLI::App& command, batch::Settings& settings,
                         const std::function<bool(const request::Slot&)>& wanted) {
  std::map<std::string, CLI::Option*, std::less<>> known;
  for (const PictureTask& task : picture_tasks()) {
    Draft draft = draft_of(task.name);
    for (const request::Slot& slot : slots_of(draft)) {
      if (!wanted(slot)) continue;
      const std::string name(slot.field.name);
      const std::string shown = shown_default(slot, draft);
      const auto found = known.find(name);
      if (found == known.end()) {
        const auto take = [&settings, name](const std::string& text) {
          settings.push_back({name, text});
        };
        known[name] =
            add_field_option(command, slot, take, {.shown_default = shown, .checked = false});
      } else if (found->second->get_default_str() != shown) {
        found->second->default_str("as in its command");
      }
    }
  }
}

}  // namespace velatura::cli
