#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/pictures/picture_job.h"
#include "cli/pictures/picture_options.h"
#include "request/asked.h"
#include "request/inputs.h"

namespace velatura::cli {

/// What has been said to a picture command so far.
struct Draft {
  PictureOptions options = {};
  Request request = {};
  request::Unread unread = {};
};

/// Nothing said yet. @param task  of request::kTasks
Draft draft_of(std::string_view task);

/// Every option of the draft's command, in the order help shows them: of the request, the model,
/// the machine and the command line. They point into the draft.
std::vector<request::Slot> slots_of(Draft& draft);

/// Reads what options only point at (pictures, latents, a prompt on stdin), checks what no single
/// option can, and draws the seed that was left open.
/// @throws UsageError, InputError
PictureJob job_of(Draft draft, request::Inputs& inputs);

}  // namespace velatura::cli
