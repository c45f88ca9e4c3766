#pragma once

#include <string_view>

#include "batch/settings.h"

namespace velatura::batch {

/// Settings under velatura's names, from settings that may have a web UI's: underscores become
/// dashes, n_iter × batch_size is num-images, sampler_name, scheduler, resize_mode and the like are
/// translated. What a web UI's payload holds though it has no effect is left out, at the values
/// where it has none: `subseed_strength: 0`, and what is said of a mask where there is none.
/// @throws UsageError for a setting that has an effect and no counterpart, and for one given twice
Settings from_web_ui_names(const Settings& settings);

/// True for a name, with dashes, that is not velatura's and that from_web_ui_names() understands.
bool is_of_web_uis(std::string_view name);

}  // namespace velatura::batch
