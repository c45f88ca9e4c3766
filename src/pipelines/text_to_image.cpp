#include "pipelines/text_to_image.h"

#include <numeric>

#include "pipelines/denoise_loop.h"
#include "pipelines/text_encoding.h"
#include "velatura/error.h"
#include "weights/names.h"

namespace velatura::pipelines {
namespace {

constexpr int kLargestSide = 16384;

void check_range(const char* option, int value, int lowest, int highest) {
  if (value < lowest || value > highest) {
    throw UsageError(std::string(option) + " " + std::to_string(value) + ": expected " +
                     std::to_string(lowest) + " … " + std::to_string(highest));
  }
}

// The side that was asked for, or the model's own.
int settle_side(const char* option, std::optional<int> asked, const StableDiffusion& model) {
  const auto factor = model.vae->config().factor();
  const int multiple = static_cast<int>(std::lcm<std::int64_t>(8, factor));
  if (!asked) {
    const auto own = model.unet->config().sample_size;
    if (!own) {
      throw UsageError("the model does not say its size: give --width and --height");
    }
    return static_cast<int>(*own * factor);
  }
  check_range(option, *asked, multiple, kLargestSide);
  if (*asked % multiple != 0) {
    const int below = *asked / multiple * multiple;
    throw UsageError(std::string(option) + " " + std::to_string(*asked) + " is not a multiple of " +
                     std::to_string(multiple) + ": " + std::to_string(below) + " and " +
                     std::to_string(below + multiple) + " are the nearest");
  }
  return *asked;
}

void check_latents(const Latents& given, const std::vector<std::int64_t>& expected) {
  if (given.shape == expected) return;
  throw InputError("--latents-in holds " + weights::shape_text(given.shape) +
                   ", this request needs " + weights::shape_text(expected));
}

}  // namespace

TextToImageTask::TextToImageTask(const StableDiffusion& model, const TextToImage& request,
                                 Observer& observer)
    : model_(model),
      request_(request),
      width_(settle_side("--width", request.width, model)),
      height_(settle_side("--height", request.height, model)) {
  const auto& unet = model.unet->config();
  if (unet.in_channels != model.vae->config().latent_channels || unet.num_class_embeds != 0) {
    throw UsageError("this model's UNet takes " + std::to_string(unet.in_channels) +
                     " channels: it is not a text-to-image model");
  }
  check_range("--num-images", request.num_images, 1, 1 << 20);
  check_range("--batch-size", request.batch_size, 1, 1024);
  if (request.guidance_rescale < 0.0 || request.guidance_rescale > 1.0) {
    throw UsageError("--guidance-rescale: expected 0 … 1");
  }
  if (request.latents) {
    check_latents(*request.latents, {request.num_images, unet.in_channels,
                                     height_ / model.vae->config().factor(),
                                     width_ / model.vae->config().factor()});
  }
  const bool guided = request.guidance_scale > 1.0;
  if (guided && request.clip_skip == 0) {
    const auto both = encode_prompts(model, {request.negative_prompt, request.prompt}, 0, observer);
    negative_prompt_ = both.narrow(0, 0, 1);
    prompt_ = both.narrow(0, 1, 1);
  } else {
    prompt_ = encode_prompts(model, {request.prompt}, request.clip_skip, observer);
    // As in diffusers, the negative prompt goes through all layers whatever the clip skip.
    if (guided) negative_prompt_ = encode_prompts(model, {request.negative_prompt}, 0, observer);
  }
  observer.on_progress(
      {.stage = Stage::encode_prompt, .done = 1, .total = 1, .images = request.num_images});
}

Batch TextToImageTask::prepare(int first, int count, double init_noise_sigma) const {
  const auto factor = model_.vae->config().factor();
  const std::int64_t shape[] = {model_.unet->config().in_channels, height_ / factor,
                                width_ / factor};
  Batch batch;
  for (int i = first; i < first + count; ++i) {
    batch.sources.emplace_back(request_.seed + static_cast<std::uint64_t>(i));
  }
  if (request_.latents) {
    const auto all = at::from_blob(const_cast<float*>(request_.latents->values.data()),
                                   request_.latents->shape, at::kFloat);
    batch.latents = all.narrow(0, first, count).to(model_.placement.device, at::kFloat, false, true);
  } else {
    batch.latents = batch_noise(batch.sources, shape, model_.placement.device);
  }
  batch.latents = batch.latents * init_noise_sigma;
  return batch;
}

std::unique_ptr<Denoiser> TextToImageTask::denoiser(int count) const {
  const auto repeat = [count](const at::Tensor& x) { return x.expand({count, -1, -1}); };
  if (!negative_prompt_.defined()) {
    return std::make_unique<UNetDenoiser>(model_.unet, repeat(prompt_));
  }
  auto both = std::make_unique<UNetDenoiser>(
      model_.unet, at::cat({repeat(negative_prompt_), repeat(prompt_)}));
  return std::make_unique<ClassifierFreeGuidance>(std::move(both), request_.guidance_scale,
                                                  request_.guidance_rescale);
}

}  // namespace velatura::pipelines
