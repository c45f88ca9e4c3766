#include "pipelines/group_runner.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/interruption.h"
#include "core/path_name.h"
#include "core/sha256.h"
#include "image/raster.h"
#include "pipelines/decode.h"
#include "pipelines/memory_ladder.h"
#include "pipelines/pace_watch.h"
#include "request/adapter_files.h"
#include "weights/adapters/web_ui_hash.h"
#include "weights/formats/file_hash.h"
#include "weights/formats/mapped_file.h"
#include "weights/locate/model_location.h"

namespace velatura::pipelines {
namespace {

// One picture of a batch of latents, as it travels in files.
Latents one_of(const at::Tensor& latents, std::size_t index) {
  const auto one =
      latents.narrow(0, static_cast<std::int64_t>(index), 1).to(at::kCPU, at::kFloat).contiguous();
  const auto* data = one.const_data_ptr<float>();
  return {one.sizes().vec(), {data, data + one.numel()}};
}

Image cut_to(const Size& size, Image&& image) {
  return to_image(crop(to_raster(std::move(image)), 0, 0, size.width, size.height));
}

std::vector<Image> control_pictures(const ReadyRequest& ready) {
  std::vector<Image> pictures;
  for (const ReadyControl& control : ready.controls) pictures.push_back(control.picture);
  if (!ready.hint.pixels.empty()) pictures.push_back(ready.hint);
  return pictures;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<AdapterUsed> adapters_of(const PictureRequest& request) {
  std::vector<AdapterUsed> adapters;
  request::each_adapter_file(
      request, [&](const std::string& option, const std::filesystem::path& path) {
        if (option == "image-encoder" && request.picture_prompts.empty()) return;
        const auto file = weights::weight_file_of(path);
        AdapterUsed used{option, without_last_slash(path).filename().string(),
                         weights::sha256_file(file)};
        if (option == "lora") used.web_ui_hash = weights::web_ui_lora_hash(file);
        if (option == "embedding") used.web_ui_hash = used.sha256.substr(0, 12);
        adapters.push_back(std::move(used));
      });
  return adapters;
}

}  // namespace

GroupRunner::GroupRunner(LatentModel& model, ModelIdentity identity, ModelHashes hashes)
    : model_(model), identity_(std::move(identity)), hashes_(std::move(hashes)) {}

void GroupRunner::run(std::span<const GroupItem> group, int first, const RequestSink& sink,
                      Observer& observer) {
  while (!group.empty()) {
    const auto begin = std::chrono::steady_clock::now();
    auto [batch, made, progress] = denoise_first(group, first, observer);
    const at::Tensor& latents = made.latents;
    auto images = decode_latents(model_.decoder(), latents, progress, observer);
    weights::verify_mapped_files();  // weights in use may have been truncated under us
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Picture picture = picture_of(batch[i], std::move(images[i]), one_of(latents, i));
      if (!made.image_embeds.empty()) picture.image_embeds = std::move(made.image_embeds[i]);
      picture.elapsed_s = seconds_since(begin) / progress.images;
      sink(batch[i].ready->index, std::move(picture));
    }
    group = group.subspan(batch.size());
    first += progress.images;
  }
}

GroupRunner::Denoised GroupRunner::denoise_first(std::span<const GroupItem> group, int first,
                                                 Observer& observer) {
  Denoised result;
  const auto denoise = [&] {
    result.batch = group.first(std::min(group.size(), largest_batch_));
    result.progress = {.first_image = first, .images = static_cast<int>(result.batch.size())};
    const Prepared& any = group.front().ready->prepared;
    PaceWatch watch(model_, {any.width, any.height}, observer, warned_of_pace_);
    result.made = denoise_group(model_, result.batch, result.progress, watch);
  };
  const auto halve = [&]() -> std::string {
    if (result.batch.size() == 1) return "";
    largest_batch_ = result.batch.size() / 2;
    return "at most " + std::to_string(largest_batch_) + " at a time are made";
  };
  with_less_memory(denoise, halve, model_.placement.device, observer);
  return result;
}

const std::string& GroupRunner::known(const std::shared_future<std::string>& hash) {
  using std::chrono_literals::operator""ms;
  while (hash.wait_for(100ms) != std::future_status::ready) end_if_cancelled();
  return hash.get();
}

Picture GroupRunner::picture_of(const GroupItem& item, Image&& decoded, Latents&& latents) const {
  const ReadyRequest& ready = *item.ready;
  const Prepared& prepared = ready.prepared;
  const Size size = prepared.cut.value_or(Size{prepared.width, prepared.height});
  if (prepared.cut) decoded = cut_to(size, std::move(decoded));
  Image image = prepared.finish ? prepared.finish(std::move(decoded)) : std::move(decoded);
  ModelIdentity model = identity_;
  const auto& embeds = ready.request.image_embeds;
  if (embeds && !embeds->negative.empty()) model.prior.clear();  // which had nothing to do
  model.hash = known(hashes_.model);
  if (hashes_.refiner.valid()) model.refiner_hash = known(hashes_.refiner);
  if (hashes_.prior.valid()) model.prior_hash = known(hashes_.prior);
  const Run run{
      .width = size.width,
      .height = size.height,
      .seed = ready.seed_of(item.image),
      .model = std::move(model),
      .sampler = used(ready.sampler),
      .placement = model_.placement,
      .vae = {model_.decoder().dtype(), model_.decoder().tile_for(prepared.height, prepared.width)},
      .adapters = adapters_of(ready.request),
      .pixels = sha256(std::as_bytes(std::span(image.pixels)))};
  return {.image = std::move(image),
          .seed = run.seed,
          .metadata = make_metadata(ready.request, ready.record, run),
          .latents = std::move(latents),
          .depth = prepared.depth,
          .image_embeds = std::nullopt,
          .control_images = control_pictures(ready)};
}

}  // namespace velatura::pipelines
