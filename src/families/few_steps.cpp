#include "families/few_steps.h"

#include <limits>

#include "core/text.h"

namespace velatura::families {
namespace {

constexpr double kUnguided = 1.0, kLcmGuidance = 2.0;

}  // namespace

std::optional<FewSteps> few_steps_kind(const nlohmann::json& scheduler,
                                       const models::UNetConfig& unet) {
  const auto text = [&](const char* key) {
    const auto found = scheduler.find(key);
    return found != scheduler.end() && found->is_string() ? found->get<std::string>() : "";
  };
  if (unet.time_cond_proj_dim > 0)
    return FewSteps{"LCM", 8, std::numeric_limits<double>::infinity()};
  const std::string name = text("_class_name");
  if (name == "LCMScheduler") return FewSteps{"LCM", 8, kLcmGuidance};
  if (name == "TCDScheduler") return FewSteps{"TCD (Hyper)", 8, kUnguided};
  const bool zero_snr = scheduler.contains("rescale_betas_zero_snr") &&
                        scheduler.at("rescale_betas_zero_snr") == true;
  if (text("timestep_spacing") != "trailing" || zero_snr) return std::nullopt;
  if (name == "EulerAncestralDiscreteScheduler") return FewSteps{"Turbo", 4, kUnguided};
  if (name == "EulerDiscreteScheduler" && text("prediction_type") != "v_prediction")
    return FewSteps{"Lightning", 8, kUnguided};
  return std::nullopt;
}

std::string misfit(const FewSteps& kind, const PictureRequest& request) {
  const double guidance = request.guidance_scale.value_or(kUnguided);
  const bool too_many = request.steps > kind.most, too_guided = guidance > kind.most_guidance;
  if (!too_many && !too_guided) return "";
  std::string asked, fitting;
  if (too_many) {
    asked = std::to_string(request.steps) + " steps";
    fitting = "1 to " + std::to_string(kind.most);
  }
  if (too_guided) {
    asked += (asked.empty() ? "" : " and ") + ("guidance-scale " + number_text(guidance));
    fitting += (fitting.empty() ? "" : " and ") +
               ("guidance-scale " + std::string(kind.most_guidance > kUnguided ? "1 to 2" : "0"));
  }
  return "by its scheduler this is a model of the kind " + std::string(kind.name) + ": " + asked +
         " do not fit it, " + fitting + " would";
}

}  // namespace velatura::families
