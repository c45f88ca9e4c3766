#pragma once

#include "pipelines/ready_controls.h"

namespace velatura::pipelines {

/// For backbones that are shown a control picture themselves.
/// @throws UsageError where such a one is shown none, or more than it has a use for
void check_hint(const LatentModel& model, const PictureRequest& request, const Prepared& prepared);

/// What such a one is shown. @throws as check_hint()
ShownControl make_hint(const LatentModel& model, const PictureRequest& request,
                       const Prepared& prepared, Observer& observer);

}  // namespace velatura::pipelines
