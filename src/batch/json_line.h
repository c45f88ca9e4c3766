#pragma once

#include <string_view>

#include "batch/settings.h"

namespace velatura::batch {

/// A JSON object: text, numbers, true and false become values, null is left out. The lists and
/// objects of a web UI's API are taken apart: `init_images` (one file name), `override_settings`
/// (CLIP_stop_at_last_layers, sd_model_checkpoint); empty ones are left out.
/// @throws UsageError for what is no object, a key given twice and other lists and objects
Settings parse_json_line(std::string_view line);

}  // namespace velatura::batch
