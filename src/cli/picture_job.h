#pragma once

#include <functional>

#include "cli/picture_options.h"
#include "velatura/generator.h"
#include "velatura/request.h"

namespace velatura::cli {

/// Called with each picture once it has been written.
using OnPicture = std::function<void(const Picture&)>;

/// Makes the pictures of a request as the (settled) options say and writes them: paths or JSON on
/// stdout, everything for people on stderr. Outputs are checked before the model is loaded.
/// @throws Error
void make_pictures(const PictureOptions& options, const Request& request,
                   const OnPicture& on_picture = {});

}  // namespace velatura::cli
