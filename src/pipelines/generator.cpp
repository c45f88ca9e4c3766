#include "velatura/generator.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <span>
#include <stop_token>
#include <utility>

#include "core/block_cache.h"
#include "pipelines/decode.h"
#include "pipelines/denoise_loop.h"
#include "pipelines/model_loading.h"
#include "pipelines/prepare_parts.h"
#include "pipelines/receipt.h"
#include "pipelines/text_encoding.h"
#include "samplers/make_plan.h"
#include "weights/file_hash.h"
#include "weights/mapped_file.h"
#include "weights/model_files.h"
#include "weights/names.h"
#include "weights/vae_folder.h"

namespace velatura {
namespace {

std::string model_name(const std::filesystem::path& path) {
  const auto clean = path.has_filename() ? path : path.parent_path();
  return std::filesystem::is_directory(clean) ? clean.filename().string() : clean.stem().string();
}

// One picture of a batch of latents, as it travels in files.
Latents one_of(const at::Tensor& latents, std::int64_t index) {
  const auto one = latents.narrow(0, index, 1).to(at::kCPU, at::kFloat).contiguous();
  const auto* data = one.const_data_ptr<float>();
  return {one.sizes().vec(), {data, data + one.numel()}};
}

void check(const PictureRequest& request) {
  pipelines::check_range("--num-images", request.num_images, 1, 1 << 20);
  pipelines::check_range("--batch-size", request.batch_size, 1, 1024);
  pipelines::check_range("--guidance-rescale", request.guidance_rescale, 0, 1);
}

// Latents given to start from.
void check_latents(const PictureRequest& request, const std::vector<std::int64_t>& latent_shape) {
  if (!request.latents) return;
  std::vector<std::int64_t> expected{request.num_images};
  expected.insert(expected.end(), latent_shape.begin(), latent_shape.end());
  if (request.latents->shape != expected) {
    throw InputError("--latents-in holds " + weights::shape_text(request.latents->shape) +
                     ", this request needs " + weights::shape_text(expected));
  }
}

// What predicts for one batch: the UNet, and around it whatever the request adds.
std::unique_ptr<pipelines::Denoiser> make_denoiser(const pipelines::StableDiffusion& model,
                                                   const pipelines::TextConditioning& text,
                                                   const pipelines::Prepared& prepared,
                                                   const pipelines::Batch& batch,
                                                   const PictureRequest& request) {
  const auto count = batch.latents.size(0);
  const auto repeat = [count](const at::Tensor& x) { return x.expand({count, -1, -1}); };
  const auto context = text.guided() ? at::cat({repeat(text.negative_prompt), repeat(text.prompt)})
                                     : repeat(text.prompt);
  std::unique_ptr<pipelines::Denoiser> denoiser =
      std::make_unique<pipelines::UNetDenoiser>(model.unet, context, prepared.class_label);
  if (text.guided()) {
    denoiser = std::make_unique<pipelines::ClassifierFreeGuidance>(
        std::move(denoiser), request.guidance_scale, request.guidance_rescale);
  }
  if (prepared.tiling) {
    denoiser = std::make_unique<pipelines::TiledDenoiser>(std::move(denoiser), *prepared.tiling);
  }
  if (batch.channels.defined()) {
    denoiser = std::make_unique<pipelines::WithChannels>(std::move(denoiser), batch.channels);
  }
  return denoiser;
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
    hash = std::async(std::launch::async, [file = files.weight_files.front(),
                                           stop = stop.get_token()] {
             return weights::sha256_file(file, stop);
           }).share();
  }
  ~State() { stop.request_stop(); }

  template <class Task>
  void generate(const Task& request, const std::function<void(Picture&&)>& sink,
                Observer& observer);

  samplers::ModelScheduler scheduler;
  pipelines::ModelIdentity identity;  // but for the hash
  std::unique_ptr<pipelines::StableDiffusion> model;
  std::stop_source stop;
  std::shared_future<std::string> hash;  // of the UNet's file, worked out beside the first picture
};

template <class Task>
void Generator::State::generate(const Task& request, const std::function<void(Picture&&)>& sink,
                                Observer& observer) {
  check(request);
  const auto prepared = pipelines::prepare(*model, request, observer);
  check_latents(request, model->vae.latent_shape(prepared.height, prepared.width));
  samplers::ModelScheduler rewritten = scheduler;
  rewritten.rewrites = prepared.scheduler_rewrites;
  const auto choice = samplers::choose_sampler(rewritten, request.sampling);
  const auto plan = samplers::make_plan(choice, request.steps, prepared.start);
  const auto task = pipelines::record_of(request);
  const auto text = pipelines::encode_text(*model, request, observer);

  for (int first = 0; first < request.num_images; first += request.batch_size) {
    const auto begin = std::chrono::steady_clock::now();
    const int count = std::min(request.batch_size, request.num_images - first);
    const Progress progress{.first_image = first, .images = count};
    pipelines::BatchNoise noise(request, first, count, model->placement.device);
    const auto batch = prepared.batch(noise, plan);
    const auto denoiser = make_denoiser(*model, text, prepared, batch, request);
    const auto latents = pipelines::denoise(plan, batch, *denoiser, noise, progress, observer);
    auto images = pipelines::decode_latents(model->vae, latents, progress, observer);
    weights::verify_mapped_files();  // weights in use may have been truncated under us
    for (int i = 0; i < count; ++i) {
      Image& image = images[static_cast<std::size_t>(i)];
      if (prepared.finish) image = prepared.finish(std::move(image));
      const std::uint64_t seed = request.seed + static_cast<std::uint64_t>(first + i);
      const pipelines::Run run{
          .width = prepared.width,
          .height = prepared.height,
          .seed = seed,
          .model = {identity.name, hash.get(), identity.vae, identity.ema},
          .sampler = {choice.sampler, choice.config.schedule, choice.config.timestep_spacing,
                      choice.config.prediction_type, choice.eta},
          .placement = model->placement,
          .vae = {model->vae.dtype(), model->vae.tile_for(prepared.height, prepared.width)},
          .pixels = weights::sha256(std::as_bytes(std::span(image.pixels)))};
      sink({.image = std::move(image),
            .seed = seed,
            .metadata = pipelines::make_metadata(request, task, run),
            .latents = one_of(latents, i),
            .depth = prepared.depth,
            .elapsed_s = seconds_since(begin) / count});
    }
  }
}

Generator::Generator(const ModelOptions& options, Observer* observer) {
  Observer deaf;
  state_ = std::make_unique<State>(options, observer != nullptr ? *observer : deaf);
}
Generator::~Generator() = default;
Generator::Generator(Generator&&) noexcept = default;
Generator& Generator::operator=(Generator&&) noexcept = default;

void Generator::generate(const Request& request, const std::function<void(Picture&&)>& sink,
                         Observer* observer) {
  c10::InferenceMode inference;
  Observer deaf;
  std::visit(
      [&](const auto& task) {
        state_->generate(task, sink, observer != nullptr ? *observer : deaf);
      },
      request);
}

std::vector<Picture> Generator::generate(const Request& request, Observer* observer) {
  std::vector<Picture> pictures;
  generate(
      request, [&](Picture&& picture) { pictures.push_back(std::move(picture)); }, observer);
  return pictures;
}

}  // namespace velatura
