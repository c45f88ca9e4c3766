#include "pipelines/decode.h"

#include <cstring>

#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

// [1, 3, H, W] in about [-1, 1] → bytes, rounded to nearest as diffusers does.
Image to_image(const at::Tensor& pixels) {
  const auto bytes = (pixels / 2 + 0.5)
                         .clamp(0, 1)
                         .squeeze(0)
                         .permute({1, 2, 0})
                         .mul(255)
                         .round()
                         .to(at::kCPU, at::kByte)
                         .contiguous();  // [H, W, 3]
  Image image{static_cast<int>(bytes.size(1)), static_cast<int>(bytes.size(0)), {}};
  const auto* data = bytes.const_data_ptr<std::uint8_t>();
  image.pixels.assign(data, data + bytes.numel());
  return image;
}

bool is_flat(const Image& image) {
  for (std::size_t i = 3; i < image.pixels.size(); ++i) {
    if (image.pixels[i] != image.pixels[i % 3]) return false;
  }
  return true;
}

at::Tensor decode_one(const StableDiffusion& model, const at::Tensor& latents) {
  const auto unscaled = latents / model.vae->config().scaling_factor;
  return model.vae->decode(unscaled.to(model.vae_dtype)).to(at::kFloat);
}

}  // namespace

std::vector<Image> decode_latents(StableDiffusion& model, const at::Tensor& latents,
                                  Progress progress, Observer& observer) {
  progress.stage = Stage::decode;
  progress.total = static_cast<int>(latents.size(0));
  std::vector<Image> images;
  for (const auto& one : latents.split(1)) {
    auto pixels = decode_one(model, one);
    if (!pixels.isfinite().all().item<bool>()) {
      if (model.vae_dtype == at::kFloat) {
        throw Error(ErrorKind::internal, "the VAE's picture is not finite");
      }
      observer.on_warning("the VAE overflows in " + dtype_name(model.vae_dtype) +
                          "; it decodes in float32 from here on");
      model.vae_dtype = at::kFloat;
      model.vae = model.load_vae(at::kFloat);
      pixels = decode_one(model, one);
    }
    images.push_back(to_image(pixels));
    if (is_flat(images.back())) observer.on_warning("the picture is one flat colour");
    progress.done = static_cast<int>(images.size());
    observer.on_progress(progress);
    if (observer.cancelled()) throw Interrupted();
  }
  return images;
}

}  // namespace velatura::pipelines
