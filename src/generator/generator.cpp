#include "velatura/generator.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <deque>
#include <future>
#include <stop_token>
#include <utility>

#include "core/block_cache.h"
#include "core/interruption.h"
#include "core/path_name.h"
#include "core/tf32.h"
#include "families/registry.h"
#include "generator/open_refiner.h"
#include "inspection/picture_work.h"
#include "pipelines/group_runner.h"
#include "pipelines/hand_over.h"
#include "pipelines/prepare_parts.h"
#include "weights/formats/file_hash.h"
#include "weights/layouts/prior_files.h"

namespace velatura {
namespace {

constexpr int kLargestBatch = 1024;

std::string model_name(const std::filesystem::path& path) {
  const auto clean = without_last_slash(path);
  return std::filesystem::is_directory(clean) ? clean.filename().string() : clean.stem().string();
}

}  // namespace

struct Generator::State {
  State(const ModelOptions& options, Observer& observer) {
    c10::InferenceMode inference;
    const Interruptible interruptible(observer);
    if (options.threads > 0) at::set_num_threads(options.threads);
    Placement placement = choose_placement(options.device, options.dtype);
    allow_tf32(options.tf32);
    if (placement.device.is_cpu()) use_block_cache();

    const weights::ModelFiles files =
        weights::open_model(options.model, {options.variant, options.ema, options.vae});
    const auto refiner = open_refiner(options);
    const bool same = options.vae_dtype == DType::automatic;
    const families::CodecPlacement vae_placement{
        same ? placement.dtype : choose_dtype(options.vae_dtype, placement.device),
        options.vae_tile};
    const auto prior = weights::open_prior(files, options.prior, options.variant);
    const bool named = prior.files && prior.files->origin != files.origin;
    precision = {placement.dtype, vae_placement.dtype, placement.int8_weights};
    vae_tile = options.vae_tile;
    auto size = inspection::size_of(files, prior);
    if (refiner) size = inspection::with_refiner(std::move(size), inspection::size_of(*refiner));
    placement.offload = offload_for(options.offload, placement.device, size);
    model = std::make_unique<pipelines::LatentModel>(
        families::load_model(files, prior, placement, vae_placement, observer));
    if (model->low_res) upscaler_size = std::move(size);
    if (refiner) {
      pipelines::add_refiner(*model,
                             families::load_model(*refiner, {}, placement, vae_placement, observer),
                             options.refiner.string());
    }
    runner = std::make_unique<pipelines::GroupRunner>(
        *model,
        pipelines::ModelIdentity{.name = model_name(options.model),
                                 .vae = options.vae.empty() ? "" : model_name(options.vae),
                                 .refiner = refiner ? model_name(options.refiner) : "",
                                 .prior = named ? model_name(prior.files->origin) : "",
                                 .ema = options.ema},
        pipelines::ModelHashes{
            .model = hash_of(files),
            .refiner = refiner ? hash_of(*refiner) : std::shared_future<std::string>(),
            .prior = named ? hash_of(*prior.files) : std::shared_future<std::string>()});
  }

  // By the least that pictures take: where more is needed than is there, less is done at once.
  Offload offload_for(Offload asked, at::Device device, const inspection::ModelSize& size) const {
    const auto work =
        inspection::least_work(inspection::own_work(size, vae_tile), size.vae.factor());
    return inspection::settle_offload(asked, device, size, work, precision);
  }

  // The hash of the UNet's file is worked out beside the first picture.
  std::shared_future<std::string> hash_of(const weights::ModelFiles& files) const {
    return std::async(std::launch::async,
                      [file = files.weight_files.front(), stop = stop.get_token()] {
                        return weights::sha256_file(file, stop);
                      })
        .share();
  }
  ~State() { stop.request_stop(); }

  void generate(std::span<const Request> requests, int batch_size, const RequestSink& sink,
                Observer& observer);

  // With what it leaves to the machine decided, so that it is recorded and can be done again; nothing
  // if it leaves nothing.
  std::optional<Request> settled(const Request& request, int batch_size) const;

  std::optional<inspection::ModelSize> upscaler_size;
  inspection::Precision precision{};
  std::optional<int> vae_tile;
  std::unique_ptr<pipelines::LatentModel> model;
  std::unique_ptr<pipelines::GroupRunner> runner;
  std::stop_source stop;
};

std::optional<Request> Generator::State::settled(const Request& request, int batch_size) const {
  const auto* const upscale = std::get_if<Upscale>(&request);
  if (upscale == nullptr || upscale->tile || !upscaler_size) return std::nullopt;
  Upscale decided = *upscale;
  decided.tile = inspection::upscale_tile(*upscaler_size, decided, batch_size, vae_tile, precision,
                                          free_memory(model->placement.device));
  return decided;
}

void Generator::State::generate(std::span<const Request> requests, int batch_size,
                                const RequestSink& sink, Observer& observer) {
  pipelines::check_range("batch-size", batch_size, 1, kLargestBatch);
  int done = 0;
  std::deque<Request> decided;  // groups refer to them
  std::vector<pipelines::GroupItem> group;
  const auto run_group = [&] {
    runner->run(group, done, sink, observer);
    done += static_cast<int>(group.size());
    group.clear();
  };
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const int num_images = common(requests[i]).num_images;
    // Making the next one ready may change the weights.
    if (!group.empty() && group.back().ready->request.loras != common(requests[i]).loras)
      run_group();
    auto own = settled(requests[i], batch_size);
    const Request& request = own ? decided.emplace_back(std::move(*own)) : requests[i];
    const Progress progress{.first_image = done + static_cast<int>(group.size()),
                            .images = num_images};
    const auto ready = std::make_shared<const pipelines::ReadyRequest>(
        pipelines::make_ready(*model, request, i, progress, observer));
    if (!group.empty() && !can_share_a_batch(*group.back().ready, *ready)) run_group();
    for (int image = 0; image < num_images; ++image) {
      group.push_back({ready, image});
      if (static_cast<int>(group.size()) == batch_size) run_group();
    }
  }
  run_group();
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
  Observer& listener = observer != nullptr ? *observer : deaf;
  const Interruptible interruptible(listener);
  state_->generate(requests, batch_size, sink, listener);
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
