#include "generator/request_checker.h"

#include <c10/core/InferenceMode.h>

#include "families/registry.h"
#include "generator/model_files.h"
#include "pipelines/ready_request.h"

namespace velatura {

RequestChecker::RequestChecker(const ModelOptions& options) {
  c10::InferenceMode inference;
  model_ = std::make_unique<pipelines::LatentModel>(
      families::outline_model(open_model_files(options), options.vae_tile));
}
RequestChecker::~RequestChecker() = default;
RequestChecker::RequestChecker(RequestChecker&&) noexcept = default;
RequestChecker& RequestChecker::operator=(RequestChecker&&) noexcept = default;

void RequestChecker::check(const Request& request) {
  c10::InferenceMode inference;
  pipelines::check_request(*model_, request);
}

}  // namespace velatura
