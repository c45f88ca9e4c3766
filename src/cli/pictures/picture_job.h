#pragma once

#include <functional>

#include "cli/pictures/picture_options.h"
#include "velatura/generator.h"
#include "velatura/request.h"

namespace velatura::cli {

/// Called with each picture once it has been written.
using OnPicture = std::function<void(const Picture&)>;

/// What the options of a picture command ask for.
struct PictureJob {
  PictureOptions options;  ///< settled
  Request request;
  OnPicture on_picture = {};
};

/// Steps that are done, of those asked for. @throws UsageError if the strength leaves none
int steps_of(const Request& request);

/// Makes the pictures of a job and writes them: paths or JSON on stdout, everything for people on
/// stderr. Outputs are checked before the model is loaded.
/// @throws Error
void make_pictures(const PictureJob& job);

}  // namespace velatura::cli
