#include "families/controlnet_control.h"

#include <ATen/ATen.h>

#include <utility>

#include "families/graphed_call.h"

namespace velatura::families {
namespace {

at::ScalarType dtype_of(const layers::Module& network) {
  return network.parameters().back().second.scalar_type();
}

struct ControlNetRun : pipelines::BackboneRun {
  explicit ControlNetRun(const layers::Module& network) : visit(network) {}
  layers::Visit visit;  // before what refers to weights
  mutable GraphedCall graphed;
};

// What a ControlNet adds, finest first, as much as is asked for.
void scale(std::vector<at::Tensor>& additions, const pipelines::ControlStrength& strength,
           bool pools) {
  const auto count = static_cast<std::int64_t>(additions.size());
  // Shallow layers say more of the hint's details, which a guess should not rest on.
  const bool graded = strength.guess && !pools;
  const at::Tensor scales = graded ? at::logspace(-1, 0, count) * strength.scale : at::Tensor();
  for (std::int64_t i = 0; i < count; ++i) {
    at::Tensor& addition = additions[static_cast<std::size_t>(i)];
    addition = addition * (graded ? static_cast<double>(scales[i].item<float>()) : strength.scale);
    if (pools) addition = addition.mean(at::IntArrayRef{2, 3}, /*keepdim=*/true);
  }
}

std::optional<InputError> fault_in(const FaultFinder& faults, const std::string& network,
                                   at::ScalarType dtype, const std::string& when) {
  if (faults.faulty_weight(dtype).empty()) return std::nullopt;
  return faults.explain(network, dtype, when);
}

}  // namespace

pipelines::ControlTraits traits_of(const models::ControlNetConfig& config) {
  return {.hint_channels = config.conditioning_channels,
          .hint_factor = config.hint_factor(),
          .sees_prompt = true,
          .pools = config.global_pool_conditions};
}

pipelines::ControlTraits traits_of(const models::T2IAdapterConfig& config) {
  return {.hint_channels = config.in_channels,
          .hint_factor = config.hint_factor(),
          .hint_multiple = config.downscale_factor,
          .sees_prompt = false,
          .pools = false};
}

pipelines::HintFeatures ControlNetControl::features(const at::Tensor& hint) const {
  return {network_->embed_hint(hint.to(dtype_of(*network_)))};
}

std::shared_ptr<const pipelines::BackboneRun> ControlNetControl::begin(at::Device device,
                                                                       std::size_t steps) const {
  if (!device.is_cuda() || !queues_graphs(*network_, steps)) return nullptr;
  return std::make_shared<ControlNetRun>(*network_);
}

pipelines::Residuals ControlNetControl::residuals(
    const pipelines::BackboneInput& input, const pipelines::HintFeatures& features,
    const pipelines::ControlStrength& strength) const {
  const auto& config = network_->control_config();
  const pipelines::Conditioning& told = input.conditioning;
  at::Tensor sample =
      input.latents.narrow(1, 0, config.trunk.in_channels).to(told.context.scalar_type());
  at::Tensor timesteps = input.timesteps, text = told.context, hint = features.front();
  models::TimeConditions conditions;
  if (config.trunk.num_class_embeds > 0) conditions.class_labels = input.class_labels;
  if (config.trunk.addition_time_embed_dim > 0) {
    conditions.pooled = told.pooled;
    conditions.time_ids = told.time_ids;
  }
  // The middle's last.
  const auto additions = [&] {
    auto [skips, mid, levels] = network_->forward(sample, timesteps, {text}, conditions, hint);
    skips.push_back(std::move(mid));
    scale(skips, strength, config.global_pool_conditions);
    return skips;
  };
  const auto* const run = dynamic_cast<const ControlNetRun*>(input.run);
  auto skips = run == nullptr
                   ? additions()
                   : run->graphed({.changing = {&sample, &timesteps},
                                   .lasting = {&text, &conditions.class_labels, &conditions.pooled,
                                               &conditions.time_ids, &hint},
                                   .numbers = {strength.scale, strength.guess ? 1.0 : 0.0}},
                                  additions);
  at::Tensor mid = std::move(skips.back());
  skips.pop_back();
  return {.skips = std::move(skips), .mid = std::move(mid)};
}

std::optional<InputError> ControlNetControl::fault(const std::string& when) const {
  return fault_in(faults_, "ControlNet", dtype_of(*network_), when);
}

pipelines::HintFeatures T2IAdapterControl::features(const at::Tensor& hint) const {
  return network_->forward(hint.to(dtype_of(*network_)));
}

pipelines::Residuals T2IAdapterControl::residuals(
    const pipelines::BackboneInput&, const pipelines::HintFeatures& features,
    const pipelines::ControlStrength& strength) const {
  pipelines::Residuals residuals;
  for (const auto& feature : features) residuals.levels.push_back(feature * strength.scale);
  if (network_->config().xl) {
    residuals.mid = std::move(residuals.levels.back());
    residuals.levels.pop_back();
  }
  return residuals;
}

std::optional<InputError> T2IAdapterControl::fault(const std::string& when) const {
  return fault_in(faults_, "T2I-Adapter", dtype_of(*network_), when);
}

}  // namespace velatura::families
