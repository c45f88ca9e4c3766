#pragma once

#include <string_view>

#include "batch/known_options.h"

namespace velatura::batch {

/// Refuses text in which an option is written as job lines do not read it, so that it is not taken
/// for a part of a prompt: with dashes that a word processor has put in their place (—steps), with
/// one or three of them (-steps), by its letter (-W 512), or without a blank before it (cat--steps).
/// Unknown names are text. @throws UsageError that says how it is written
void check_option_signs(std::string_view text, const KnownOptions& known);

}  // namespace velatura::batch
