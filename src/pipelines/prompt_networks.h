#pragma once

#include <string>

#include "velatura/request.h"

namespace velatura::pipelines {

/// The prompt as a web UI would have it, which says in it what changes the weights:
/// "… <lora:style:0.5:0.8>".
std::string prompt_with_networks(const PictureRequest& request);

}  // namespace velatura::pipelines
