#pragma once

#include "request/field.h"

namespace velatura::request {

/// What every task may have beside the model: see velatura/adapters.h.
void each_adapter_field(PictureRequest& request, const Visit& visit);

}  // namespace velatura::request
