#pragma once

#include "velatura/request.h"

namespace velatura::request {

/// Calls with the option and the path of everything that a request takes from files beside its model.
/// @param request  PictureRequest, const or not, as the paths then are
template <class Request, class Call>
void each_adapter_file(Request& request, const Call& call) {
  for (auto& lora : request.loras) call("lora", lora.file);
  for (auto& embedding : request.embeddings) call("embedding", embedding.file);
  for (auto& control : request.controls)
    if (!control.model.empty()) call("control", control.model);
  for (auto& prompt : request.picture_prompts)
    if (!prompt.adapter.empty()) call("ip-adapter", prompt.adapter);
  if (!request.image_encoder.empty()) call("image-encoder", request.image_encoder);
  if (!request.depth_estimator.empty()) call("depth-estimator", request.depth_estimator);
}

}  // namespace velatura::request
