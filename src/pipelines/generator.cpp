#include "velatura/generator.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <stop_token>
#include <utility>

#include "pipelines/decode.h"
#include "pipelines/denoise_loop.h"
#include "pipelines/model_loading.h"
#include "pipelines/receipt.h"
#include "pipelines/text_to_image.h"
#include "samplers/make_plan.h"
#include "weights/file_hash.h"
#include "weights/mapped_file.h"
#include "weights/model_files.h"
#include "weights/vae_folder.h"

namespace velatura {
namespace {

// What diffusers' txt2img pipeline writes over a model's scheduler config.
const nlohmann::json kSchedulerRewrites = {{"steps_offset", 1}, {"clip_sample", false}};

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

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

struct Generator::State {
  State(const ModelOptions& options, Observer& observer)
      : scheduler(),
        name(model_name(options.model)),
        vae_name(options.vae.empty() ? "" : model_name(options.vae)) {
    c10::InferenceMode inference;
    if (options.threads > 0) at::set_num_threads(options.threads);
    const Placement placement = choose_placement(options.device, options.dtype);
    at::globalContext().setAllowTF32CuBLAS(options.tf32);
    at::globalContext().setAllowTF32CuDNN(options.tf32);

    weights::ModelFiles files = weights::open_model(options.model, options.variant);
    if (!options.vae.empty()) files.vae = weights::open_vae(options.vae, options.variant);
    scheduler = {files.scheduler.where(), files.scheduler.json(), kSchedulerRewrites};
    model = std::make_unique<pipelines::StableDiffusion>(
        pipelines::load_stable_diffusion(files, placement, observer));
    hash = std::async(std::launch::async, [file = files.weight_files.front(), stop = stop.get_token()] {
             return weights::sha256_file(file, stop);
           }).share();
  }
  ~State() { stop.request_stop(); }

  void generate(const TextToImage& request, const std::function<void(Picture&&)>& sink,
                Observer& observer);

  samplers::ModelScheduler scheduler;
  std::string name, vae_name;
  std::unique_ptr<pipelines::StableDiffusion> model;
  std::stop_source stop;
  std::shared_future<std::string> hash;  // of the UNet's file, worked out beside the first picture
};

void Generator::State::generate(const TextToImage& request,
                                const std::function<void(Picture&&)>& sink, Observer& observer) {
  const auto choice = samplers::choose_sampler(scheduler, request.sampling);
  const auto plan = samplers::make_plan(choice, request.steps);
  const pipelines::SamplerUsed used{choice.sampler, choice.config.schedule,
                                    choice.config.timestep_spacing, choice.config.prediction_type,
                                    choice.eta};
  const pipelines::TextToImageTask task(*model, request, observer);

  for (int first = 0; first < request.num_images; first += request.batch_size) {
    const auto start = std::chrono::steady_clock::now();
    const int count = std::min(request.batch_size, request.num_images - first);
    const Progress progress{.first_image = first, .images = count};
    auto batch = task.prepare(first, count, plan.init_noise_sigma);
    const auto latents = pipelines::denoise(plan, batch.latents, *task.denoiser(count),
                                            batch.sources, progress, observer);
    auto images = pipelines::decode_latents(*model, latents, progress, observer);
    weights::verify_mapped_files();  // weights in use may have been truncated under us
    for (int i = 0; i < count; ++i) {
      const std::uint64_t seed = request.seed + static_cast<std::uint64_t>(first + i);
      sink({std::move(images[static_cast<std::size_t>(i)]), seed,
            pipelines::make_metadata(request, task.width(), task.height(), seed,
                                     {name, hash.get(), vae_name, dtype_name(model->vae_dtype)}, used, model->placement),
            one_of(latents, i), seconds_since(start) / count});
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
  std::visit([&](const auto& task) {
    state_->generate(task, sink, observer != nullptr ? *observer : deaf);
  }, request);
}

std::vector<Picture> Generator::generate(const Request& request, Observer* observer) {
  std::vector<Picture> pictures;
  generate(request, [&](Picture&& picture) { pictures.push_back(std::move(picture)); }, observer);
  return pictures;
}

}  // namespace velatura
