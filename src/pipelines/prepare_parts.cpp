#include "pipelines/prepare_parts.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <numeric>
#include <string>

#include "core/text.h"
#include "pipelines/sides.h"
#include "samplers/make_plan.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

// What the codec can make latents of has sides that are multiples of this.
int codec_multiple(const LatentModel& model) {
  return static_cast<int>(std::lcm<std::int64_t>(kSideMultiple, model.codec->factor()));
}

// Pictures' sides are multiples of this.
int side_multiple(const LatentModel& model) {
  return static_cast<int>(
      std::lcm<std::int64_t>(codec_multiple(model), model.traits.side_multiple));
}

int own_side(const LatentModel& model) {
  const auto side = model.traits.sample_size;
  if (!side)
    throw UsageError("the model does not say its size: give width and height", {"width", "height"});
  return static_cast<int>(*side * model.codec->factor());
}

std::string command_for(const LatentModel& model, std::int64_t more_channels, std::int64_t z) {
  if (model.traits.class_labels) return "it is an upscaler, for velatura upscale";
  if (more_channels == 0 && model.traits.grown_inpainting)
    return "it is an ordinary model, for txt2img, img2img and variations";
  if (more_channels == 0) return "it is an ordinary model, for txt2img, img2img and inpaint";
  if (more_channels == 1) return "it is a depth model, for velatura depth2img";
  if (more_channels == z + 1) return "it is an inpainting model, for velatura inpaint";
  return "velatura has no command for it";
}

}  // namespace

void check_range(const char* field, double value, double lowest, double highest) {
  if (!(value >= lowest && value <= highest)) {
    throw UsageError(std::string(field) + " " + number_text(value) + ": expected " +
                         number_text(lowest) + " … " + number_text(highest),
                     {field});
  }
}

void check_unet(const LatentModel& model, std::int64_t more_channels, bool class_labels) {
  const auto& traits = model.traits;
  const auto z = model.codec->latent_channels();
  if (traits.in_channels == z + more_channels && traits.class_labels == class_labels) return;
  throw UsageError("this model's UNet takes " + std::to_string(traits.in_channels) + " channels" +
                   (traits.class_labels ? " and a noise level: " : ": ") +
                   command_for(model, traits.in_channels - z, z));
}

int check_side(const char* field, int side, const LatentModel& model) {
  return check_side(field, side, side_multiple(model));
}

Size settle_size(const LatentModel& model, std::optional<int> width, std::optional<int> height) {
  return {width ? check_side("width", *width, model) : own_side(model),
          height ? check_side("height", *height, model) : own_side(model)};
}

Size settle_size(const LatentModel& model, std::optional<int> width, std::optional<int> height,
                 const Image& image, Observer& observer) {
  const int multiple = side_multiple(model);
  const int least = width && height ? codec_multiple(model) : multiple;
  if (image.width < least || image.height < least) {
    throw InputError("the picture is " + std::to_string(image.width) + "x" +
                     std::to_string(image.height) + " pixels, expected at least " +
                     std::to_string(least) + "x" + std::to_string(least));
  }
  const Size size{
      width ? check_side("width", *width, model) : image.width / multiple * multiple,
      height ? check_side("height", *height, model) : image.height / multiple * multiple};
  const bool floored =
      (!width && size.width != image.width) || (!height && size.height != image.height);
  if (floored) {
    warn_of_size(image, size,
                 "sides are multiples of " + std::to_string(multiple) + "; " +
                     nearest_size(model, image) + " with --resize pad loses nothing of it",
                 observer);
  }
  return size;
}

void warn_of_size(const Image& image, const Size& size, const std::string& remedy,
                  Observer& observer) {
  observer.on_warning("the picture changes from " + text_of({image.width, image.height}) + " to " +
                      text_of(size) + " pixels: " + remedy);
}

std::string nearest_size(const LatentModel& model, const Image& image) {
  const int multiple = side_multiple(model);
  const auto above = [multiple](int side) {
    return std::to_string((side + multiple - 1) / multiple * multiple);
  };
  return "-W " + above(image.width) + " -H " + above(image.height);
}

int start_of(int steps, double strength) {
  check_range("steps", steps, 1, 1000);
  check_range("strength", strength, 0, 1);
  return samplers::start_step(steps, strength);
}

at::Tensor add_noise(const at::Tensor& clean, const at::Tensor& noise, samplers::NoiseLevel level) {
  return level.signal * clean + level.noise * noise;
}

at::Tensor draw_latents(const LatentModel& model, const Posterior& posterior, BatchNoise& noise) {
  if (posterior.is_certain()) return model.codec->sample(posterior, {});
  return model.codec->sample(posterior, noise.normal(posterior.mean.sizes().slice(1)));
}

at::Tensor draw_noised_latents(const LatentModel& model, const Posterior& posterior,
                               BatchNoise& noise, samplers::NoiseLevel level) {
  const auto clean = draw_latents(model, posterior, noise);
  const auto epsilon = noise.starting(clean.sizes().slice(1));
  return add_noise(clean, epsilon, level);
}

void image_encoded(Observer& observer) {
  observer.on_progress({.stage = Stage::encode_image, .done = 1, .total = 1});
  if (observer.cancelled()) throw Interrupted();
}

}  // namespace velatura::pipelines
