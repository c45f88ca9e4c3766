#include "velatura/generator.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <stop_token>
#include <utility>

#include "core/block_cache.h"
#include "pipelines/decode.h"
#include "pipelines/memory_ladder.h"
#include "pipelines/model_loading.h"
#include "pipelines/picture_group.h"
#include "pipelines/prepare_parts.h"
#include "weights/file_hash.h"
#include "weights/mapped_file.h"
#include "weights/model_files.h"
#include "weights/vae_folder.h"

namespace velatura {
namespace {

constexpr int kLargestBatch = 1024;

std::string model_name(const std::filesystem::path& path) {
  const auto clean = path.has_filename() ? path : path.parent_path();
  return std::filesystem::is_directory(clean) ? clean.filename().string() : clean.stem().string();
}

// One picture of a batch of latents, as it travels in files.
Latents one_of(const at::Tensor& latents, std::size_t index) {
  const auto one =
      latents.narrow(0, static_cast<std::int64_t>(index), 1).to(at::kCPU, at::kFloat).contiguous();
  const auto* data = one.const_data_ptr<float>();
  return {one.sizes().vec(), {data, data + one.numel()}};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

struct Generator::State {
  State(const ModelOptions& options, Observer& observer)
      : scheduler(),
        identity{.name = model_name(options.model),
                 .vae = options.vae.empty() ? "" : model_name(options.vae),
                 .ema = options.ema} {
    c10::InferenceMode inference;
    if (options.threads > 0) at::set_num_threads(options.threads);
    const Placement placement = choose_placement(options.device, options.dtype);
    at::globalContext().setAllowTF32CuBLAS(options.tf32);
    at::globalContext().setAllowTF32CuDNN(options.tf32);
    if (placement.device.is_cpu()) use_block_cache();

    weights::ModelFiles files = weights::open_model(options.model, {options.variant, options.ema});
    if (!options.vae.empty()) files.vae = weights::open_vae(options.vae, options.variant);
    scheduler = {files.scheduler.where(), files.scheduler.json()};
    const bool same = options.vae_dtype == DType::automatic;
    const pipelines::VaePlacement vae_placement{
        same ? placement.dtype : choose_dtype(options.vae_dtype, placement.device),
        options.vae_tile};
    model = std::make_unique<pipelines::StableDiffusion>(
        pipelines::load_stable_diffusion(files, placement, vae_placement, observer));
    prompt_encoder = std::make_unique<pipelines::PromptEncoder>(*model);
    hash = std::async(std::launch::async, [file = files.weight_files.front(),
                                           stop = stop.get_token()] {
             return weights::sha256_file(file, stop);
           }).share();
  }
  ~State() { stop.request_stop(); }

  void generate(std::span<const Request> requests, int batch_size, const RequestSink& sink,
                Observer& observer);
  void make_pictures(std::span<const pipelines::GroupItem> group, int first,
                     const RequestSink& sink, Observer& observer);
  Picture picture_of(const pipelines::GroupItem& item, Image&& decoded, Latents&& latents);

  samplers::ModelScheduler scheduler;
  pipelines::ModelIdentity identity;  // but for the hash
  std::unique_ptr<pipelines::StableDiffusion> model;
  std::unique_ptr<pipelines::PromptEncoder> prompt_encoder;
  std::size_t largest_batch = kLargestBatch;  // that memory has room for, as far as is known
  std::stop_source stop;
  std::shared_future<std::string> hash;  // of the UNet's file, worked out beside the first picture
};

void Generator::State::generate(std::span<const Request> requests, int batch_size,
                                const RequestSink& sink, Observer& observer) {
  pipelines::check_range("--batch-size", batch_size, 1, kLargestBatch);
  int done = 0;
  std::vector<pipelines::GroupItem> group;
  const auto make_group = [&] {
    make_pictures(group, done, sink, observer);
    done += static_cast<int>(group.size());
    group.clear();
  };
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const int num_images = common(requests[i]).num_images;
    const Progress progress{.first_image = done + static_cast<int>(group.size()),
                            .images = num_images};
    const auto ready = std::make_shared<const pipelines::ReadyRequest>(pipelines::make_ready(
        *model, scheduler, *prompt_encoder, requests[i], i, progress, observer));
    if (!group.empty() && !can_share_a_batch(*group.back().ready, *ready)) make_group();
    for (int image = 0; image < num_images; ++image) {
      group.push_back({ready, image});
      if (static_cast<int>(group.size()) == batch_size) make_group();
    }
  }
  make_group();
}

void Generator::State::make_pictures(std::span<const pipelines::GroupItem> group, int first,
                                     const RequestSink& sink, Observer& observer) {
  while (!group.empty()) {
    const auto begin = std::chrono::steady_clock::now();
    std::span<const pipelines::GroupItem> batch;
    Progress progress;
    at::Tensor latents;
    const auto denoise = [&] {
      batch = group.first(std::min(group.size(), largest_batch));
      progress = {.first_image = first, .images = static_cast<int>(batch.size())};
      latents = pipelines::denoise_group(*model, batch, progress, observer);
    };
    const auto halve = [&]() -> std::string {
      if (batch.size() == 1) return "";
      largest_batch = batch.size() / 2;
      return "at most " + std::to_string(largest_batch) + " pictures are made together";
    };
    pipelines::with_less_memory(denoise, halve, model->placement.device, observer);
    auto images = pipelines::decode_latents(model->vae, latents, progress, observer);
    weights::verify_mapped_files();  // weights in use may have been truncated under us
    for (std::size_t i = 0; i < batch.size(); ++i) {
      Picture picture = picture_of(batch[i], std::move(images[i]), one_of(latents, i));
      picture.elapsed_s = seconds_since(begin) / static_cast<double>(batch.size());
      sink(batch[i].ready->index, std::move(picture));
    }
    group = group.subspan(batch.size());
    first += progress.images;
  }
}

Picture Generator::State::picture_of(const pipelines::GroupItem& item, Image&& decoded,
                                     Latents&& latents) {
  const auto& [ready, index] = item;
  const auto& [prepared, choice] = std::tie(ready->prepared, ready->sampler);
  const pipelines::Run run{
      .width = prepared.width,
      .height = prepared.height,
      .seed = ready->seed_of(index),
      .model = {identity.name, hash.get(), identity.vae, identity.ema},
      .sampler = {choice.sampler, choice.config.schedule, choice.config.timestep_spacing,
                  choice.config.prediction_type, choice.eta},
      .placement = model->placement,
      .vae = {model->vae.dtype(), model->vae.tile_for(prepared.height, prepared.width)}};
  return {.image = prepared.finish ? prepared.finish(std::move(decoded)) : std::move(decoded),
          .seed = run.seed,
          .metadata = pipelines::make_metadata(ready->request, ready->record, run),
          .latents = std::move(latents),
          .depth = prepared.depth};
}

Generator::Generator(const ModelOptions& options, Observer* observer) {
  Observer deaf;
  state_ = std::make_unique<State>(options, observer != nullptr ? *observer : deaf);
}
Generator::~Generator() = default;
Generator::Generator(Generator&&) noexcept = default;
Generator& Generator::operator=(Generator&&) noexcept = default;

void Generator::generate(std::span<const Request> requests, int batch_size, const RequestSink& sink,
                         Observer* observer) {
  c10::InferenceMode inference;
  Observer deaf;
  state_->generate(requests, batch_size, sink, observer != nullptr ? *observer : deaf);
}

void Generator::generate(const Request& request, const std::function<void(Picture&&)>& sink,
                         Observer* observer) {
  generate(
      {&request, 1}, common(request).batch_size,
      [&](std::size_t, Picture&& picture) { sink(std::move(picture)); }, observer);
}

std::vector<Picture> Generator::generate(const Request& request, Observer* observer) {
  std::vector<Picture> pictures;
  generate(
      request, [&](Picture&& picture) { pictures.push_back(std::move(picture)); }, observer);
  return pictures;
}

}  // namespace velatura
