#pragma once

#include <string_view>

#include "batch/settings.h"

namespace velatura::batch {

/// A JSON object: text, numbers, true and false become values, null is left out. The lists and
/// objects of a web UI's API are taken apart: `init_images` (one file name), `override_settings`
/// (CLIP_stop_at_last_layers, sd_model_checkpoint, sd_vae); others are values by their JSON. A
/// picture may be base64 instead of a file name, which becomes a data: URL.
/// @throws UsageError for what is no object, a key given twice and prompts that are no text
Settings parse_json_line(std::string_view line);

}  // namespace velatura::batch
