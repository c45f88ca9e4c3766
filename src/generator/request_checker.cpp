#include "generator/request_checker.h"

#include <c10/core/InferenceMode.h>

#include "families/registry.h"
#include "generator/open_refiner.h"
#include "pipelines/hand_over.h"
#include "pipelines/ready_request.h"
#include "weights/layouts/prior_files.h"

namespace velatura {

RequestChecker::RequestChecker(const ModelOptions& options) {
  c10::InferenceMode inference;
  const auto files =
      weights::open_model(options.model, {options.variant, options.ema, options.vae});
  model_ = std::make_unique<pipelines::LatentModel>(families::outline_model(
      files, weights::open_prior(files, options.prior, options.variant), options.vae_tile));
  if (const auto refiner = open_refiner(options)) {
    pipelines::add_refiner(*model_, families::outline_model(*refiner, {}, options.vae_tile),
                           options.refiner.string());
  }
}
RequestChecker::~RequestChecker() = default;
RequestChecker::RequestChecker(RequestChecker&&) noexcept = default;
RequestChecker& RequestChecker::operator=(RequestChecker&&) noexcept = default;

void RequestChecker::check(const Request& request) {
  c10::InferenceMode inference;
  pipelines::check_request(*model_, request);
}

bool RequestChecker::imagines() const {
  return model_->prior != nullptr;
}

nlohmann::ordered_json RequestChecker::settings(const Request& request) {
  c10::InferenceMode inference;
  return pipelines::settings_of(*model_, request);
}

}  // namespace velatura
