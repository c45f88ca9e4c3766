#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "pipelines/hand_over.h"
#include "pipelines/prepared.h"
#include "pipelines/ready_controls.h"
#include "pipelines/receipt.h"
#include "samplers/make_plan.h"

namespace velatura::pipelines {

/// A request with everything that its pictures have in common.
struct ReadyRequest {
  std::size_t index;                    ///< of the request in its call
  std::shared_ptr<const Request> task;  ///< with all settled that was left to the model
  const PictureRequest& request;        ///< what it has in common with others
  std::string key;                      ///< see batch_key()
  Prepared prepared;
  TaskRecord record;
  samplers::SamplerChoice sampler;
  samplers::Plan plan;
  PromptConditioning conditioning;
  std::optional<Refining> refining;  ///< what follows
  std::vector<ReadyControl> controls;
  Image hint = {};  ///< the control picture that the backbone itself is shown; empty: none

  std::uint64_t seed_of(int image) const {
    return request.seed + static_cast<std::uint64_t>(image);
  }
};

/// @param index     of the request
/// @param progress  what to report: first_image and images are taken from it
/// @throws UsageError, InputError, ResourceError, Interrupted
ReadyRequest make_ready(LatentModel& model, const Request& request, std::size_t index,
                        Progress progress, Observer& observer);

/// Does what make_ready() does as far as the model's networks are not needed, for its errors alone.
/// @param model  may be an outline @throws UsageError, InputError
void check_request(LatentModel& model, const Request& request);

/// What a receipt would say of the request's first picture, as far as it is settled before work: its
/// settings and the VAE's tile.
/// @param model  may be an outline @throws UsageError, InputError
nlohmann::ordered_json settings_of(LatentModel& model, const Request& request);

/// Whether pictures of both can be denoised together.
bool can_share_a_batch(const ReadyRequest& a, const ReadyRequest& b);

}  // namespace velatura::pipelines
