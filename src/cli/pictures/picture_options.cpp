#include "cli/pictures/picture_options.h"

#include "velatura/error.h"

namespace velatura::cli {

Verbosity PictureOptions::verbosity() const {
  if (quiet && verbose) throw UsageError("--quiet and --verbose exclude each other");
  return quiet ? Verbosity::quiet : verbose ? Verbosity::verbose : Verbosity::normal;
}

}  // namespace velatura::cli
