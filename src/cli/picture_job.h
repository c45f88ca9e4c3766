#pragma once

#include "cli/picture_options.h"
#include "velatura/request.h"

namespace velatura::cli {

/// Makes the pictures of a request as the (settled) options say and writes them: paths or JSON on
/// stdout, everything for people on stderr. Outputs are checked before the model is loaded.
/// @throws Error
void make_pictures(const PictureOptions& options, const Request& request);

}  // namespace velatura::cli
