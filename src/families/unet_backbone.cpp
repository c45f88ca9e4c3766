#include "families/unet_backbone.h"

#include <ATen/ops/tensor.h>

#include <memory>
#include <optional>
#include <utility>

#include "families/graphed_call.h"
#include "layers/shared_statistics.h"

namespace velatura::families {
namespace {

// Rows of the table of time_addends(), which is kept on the device.
constexpr std::int64_t kMostTimeRows = 4096;

struct UNetRun : pipelines::BackboneRun {
  explicit UNetRun(const layers::Module& unet) : visit(unet) {}
  layers::Visit visit;  // before what may refer to weights
  layers::TextProjections text;
  at::Tensor time;  // [steps, B or 1, …]; undefined: each step works it out
  const layers::TextProjections* projected() const { return text.keys.empty() ? nullptr : &text; }
  mutable std::optional<GraphedCall> graphed;
};

models::TimeConditions time_conditions(const pipelines::Conditioning& told,
                                       const at::Tensor& class_labels) {
  return {.class_labels = class_labels,
          .pooled = told.pooled,
          .time_ids = told.time_ids,
          .guidance = told.guidance,
          .image = told.image_embeds,
          .hint = told.hint};
}

struct UNetTileStatistics : pipelines::TileStatistics {
  explicit UNetTileStatistics(std::shared_ptr<layers::Module> of)
      : unet(std::move(of)), statistics(*unet) {}
  void finish_round() override { statistics.finish_round(); }
  std::shared_ptr<layers::Module> unet;
  layers::SharedStatistics statistics;
};

// What one step's call of a UNet is given.
struct UNetCall {
  at::Tensor sample, timesteps, time_addends;
  layers::AttentionContext context;
  models::TimeConditions conditions;
  models::UNetResiduals residuals;

  GraphedCall::Inputs inputs() {
    auto& [skips, mid, levels] = residuals;
    GraphedCall::Inputs all{
        .changing = {&sample, time_addends.defined() ? &time_addends : &timesteps, &mid},
        .lasting = {&context.text, &context.objects, &conditions.class_labels, &conditions.pooled,
                    &conditions.time_ids, &conditions.guidance, &conditions.image,
                    &conditions.hint},
        .numbers = {static_cast<double>(skips.size())}};
    const auto append = [](std::vector<at::Tensor*>& places, std::vector<at::Tensor>& tensors) {
      for (at::Tensor& tensor : tensors) places.push_back(&tensor);
    };
    append(all.changing, skips);
    append(all.changing, levels);
    for (auto& [keys, values, scale] : context.pictures) {
      append(all.lasting, keys);
      append(all.lasting, values);
      all.numbers.push_back(scale);
    }
    return all;
  }
};

}  // namespace

UNetBackbone::UNetBackbone(std::shared_ptr<models::UNet2DConditionModel> unet, FaultFinder faults)
    : unet_(std::move(unet)), faults_(std::move(faults)) {}

// Only on a GPU, where each product is a launch.
std::shared_ptr<const pipelines::BackboneRun> UNetBackbone::begin(
    const pipelines::Conditioning& conditioning, const at::Tensor& class_labels,
    std::span<const double> timesteps) const {
  const at::Tensor& text = conditioning.context;
  const at::Tensor& told = text.defined() ? text : conditioning.image_embeds;
  if (!told.is_cuda()) return nullptr;
  auto run = std::make_shared<UNetRun>(*unet_);
  run->text = unet_->project_text(text);
  const models::TimeConditions beside = time_conditions(conditioning, class_labels);
  const auto steps = static_cast<std::int64_t>(timesteps.size());
  if (steps * told.size(0) <= kMostTimeRows) {
    const at::Tensor times = at::tensor(at::ArrayRef(timesteps.data(), timesteps.size()));
    run->time =
        unet_->time_addends(times.to(told.device(), at::kFloat), beside, told.scalar_type());
  }
  if (queues_graphs(*unet_, timesteps.size())) run->graphed.emplace();
  return run;
}

std::unique_ptr<pipelines::TileStatistics> UNetBackbone::share_statistics() const {
  return std::make_unique<UNetTileStatistics>(unet_);
}

at::Tensor UNetBackbone::predict(const pipelines::BackboneInput& input) const {
  const pipelines::Conditioning& told = input.conditioning;
  const at::ScalarType dtype =
      (told.context.defined() ? told.context : told.image_embeds).scalar_type();
  UNetCall call{.sample = input.latents.to(dtype, /*non_blocking=*/false,
                                           /*copy=*/false, at::MemoryFormat::ChannelsLast),
                .timesteps = input.timesteps,
                .time_addends = {},
                .context = {.text = told.context, .objects = told.objects},
                .conditions = time_conditions(told, input.class_labels),
                .residuals = {input.residuals.skips, input.residuals.mid, input.residuals.levels}};
  for (const auto& [keys, values, scale] : told.pictures) {
    call.context.pictures.push_back({.keys = keys, .values = values, .scale = scale});
  }
  const auto* const run = dynamic_cast<const UNetRun*>(input.run);
  if (run != nullptr) {
    call.context.projected = run->projected();
    if (run->time.defined()) call.time_addends = run->time[static_cast<std::int64_t>(input.step)];
  }
  const auto forward = [&] {
    return unet_->forward(call.sample, call.timesteps, call.context, call.conditions,
                          call.residuals, call.time_addends);
  };
  if (run != nullptr && run->graphed && input.tile.statistics == nullptr) {
    const auto outputs =
        (*run->graphed)(call.inputs(), [&] { return GraphedCall::Outputs{forward()}; });
    // The next replay overwrites it, and samplers keep what steps before predicted.
    return outputs.front().to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  }
  std::optional<layers::SharedStatistics::Tile> tile;
  if (auto* const shared = dynamic_cast<UNetTileStatistics*>(input.tile.statistics))
    tile.emplace(shared->statistics, input.tile.share);
  return forward().to(at::kFloat);
}

InputError UNetBackbone::not_finite(const std::string& when) const {
  return faults_.explain("UNet", unet_->parameters().front().second.scalar_type(), when);
}

}  // namespace velatura::families
