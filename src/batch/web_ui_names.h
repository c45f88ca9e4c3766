#pragma once

#include "batch/settings.h"

namespace velatura::batch {

/// Settings under velatura's names, from settings that may have a web UI's: underscores become
/// dashes, n_iter × batch_size is num-images, sampler_name, scheduler, resize_mode and the like are
/// translated. What a web UI writes though it has no effect (`subseed_strength: 0`) is left out.
/// @throws UsageError for a setting that has an effect and no counterpart, and for one given twice
Settings from_web_ui_names(const Settings& settings);

}  // namespace velatura::batch
