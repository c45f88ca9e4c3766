#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "models/unet/config.h"
#include "velatura/request.h"

namespace velatura::families {

/// A kind of model that was distilled to need few steps.
struct FewSteps {
  std::string_view name;
  int most;              ///< steps
  double most_guidance;  ///< beyond which it was not made to be guided
};

/// Told by its scheduler's config, and by a UNet that is guided by a number.
std::optional<FewSteps> few_steps_kind(const nlohmann::json& scheduler,
                                       const models::UNetConfig& unet);

/// What of a request does not fit a kind; "" if all does.
std::string misfit(const FewSteps& kind, const PictureRequest& request);

}  // namespace velatura::families
