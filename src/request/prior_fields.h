#pragma once

#include "request/field.h"
#include "velatura/request.h"

namespace velatura::request {

/// What of a request goes to a prior, or takes its place.
void each_prior_field(PictureRequest& request, const Visit& visit);

}  // namespace velatura::request
