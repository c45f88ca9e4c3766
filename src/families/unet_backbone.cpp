#include "families/unet_backbone.h"

#include <ATen/ops/tensor.h>

#include <memory>
#include <optional>
#include <utility>

#include "core/environment.h"
#include "core/interruption.h"
#include "families/graphed_call.h"
#include "layers/shared_statistics.h"

namespace velatura::families {
namespace {

// Rows of the table of time_addends(), which is kept on the device.
constexpr std::int64_t kMostTimeRows = 4096;

// A graph is replayed from the third step on, and recording it takes a step.
constexpr std::size_t kFewestGraphedSteps = 8;

bool is_asked_for_graphs() {
  return environment("VELATURA_CUDA_GRAPHS") == "on";
}

bool queues_graphs(std::size_t steps) {
  return is_asked_for_graphs() ||
         (steps >= kFewestGraphedSteps && environment("VELATURA_CUDA_GRAPHS") != "off");
}

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

// Whether nothing but latents and time changes from step to step.
bool is_steady(const pipelines::BackboneInput& input) {
  return input.conditioning.pictures.empty() && !input.conditioning.objects.defined() &&
         input.residuals.empty() && input.tile.statistics == nullptr;
}

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
  if (!unet_->is_offloaded_by_layers() && queues_graphs(timesteps.size())) {
    run->graphed.emplace([unet = unet_, run = run.get(), text, beside](const auto& inputs) {
      const layers::AttentionContext context{.text = text, .projected = run->projected()};
      return run->time.defined()
                 ? unet->forward(inputs[0], {}, context, {.hint = beside.hint}, {}, inputs[1])
                 : unet->forward(inputs[0], inputs[1], context, beside);
    });
  }
  return run;
}

std::unique_ptr<pipelines::TileStatistics> UNetBackbone::share_statistics() const {
  return std::make_unique<UNetTileStatistics>(unet_);
}

at::Tensor UNetBackbone::predict(const pipelines::BackboneInput& input) const {
  const pipelines::Conditioning& told = input.conditioning;
  layers::AttentionContext context{.text = told.context, .objects = told.objects};
  at::Tensor time;
  const auto* const run = dynamic_cast<const UNetRun*>(input.run);
  if (run != nullptr) {
    context.projected = run->projected();
    if (run->time.defined()) time = run->time[static_cast<std::int64_t>(input.step)];
  }
  for (const auto& [keys, values, scale] : told.pictures) {
    context.pictures.push_back({.keys = keys, .values = values, .scale = scale});
  }
  const at::ScalarType dtype =
      (told.context.defined() ? told.context : told.image_embeds).scalar_type();
  const at::Tensor sample = input.latents.to(dtype, /*non_blocking=*/false,
                                             /*copy=*/false, at::MemoryFormat::ChannelsLast);
  if (run != nullptr && run->graphed && run->graphed->refusal().empty() && is_steady(input)) {
    const at::Tensor output = (*run->graphed)({sample, time.defined() ? time : input.timesteps});
    if (const std::string& why = run->graphed->refusal(); !why.empty() && is_asked_for_graphs())
      warn_observer("steps are not queued as graphs: " + why);
    // The next replay overwrites it, and samplers keep what steps before predicted.
    return output.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  }
  std::optional<layers::SharedStatistics::Tile> tile;
  if (auto* const shared = dynamic_cast<UNetTileStatistics*>(input.tile.statistics))
    tile.emplace(shared->statistics, input.tile.share);
  return unet_
      ->forward(sample, input.timesteps, context, time_conditions(told, input.class_labels),
                {input.residuals.skips, input.residuals.mid, input.residuals.levels}, time)
      .to(at::kFloat);
}

InputError UNetBackbone::not_finite(const std::string& when) const {
  return faults_.explain("UNet", unet_->parameters().front().second.scalar_type(), when);
}

}  // namespace velatura::families
