#pragma once

#include "batch/known_options.h"

namespace velatura::cli {

/// Every option of the picture commands.
batch::KnownOptions known_options();

}  // namespace velatura::cli
