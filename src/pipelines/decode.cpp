#include "pipelines/decode.h"

#include <ATen/core/Tensor.h>

#include "pipelines/image_tensor.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

bool is_flat(const Image& image) {
  for (std::size_t i = 3; i < image.pixels.size(); ++i) {
    if (image.pixels[i] != image.pixels[i % 3]) return false;
  }
  return true;
}

}  // namespace

std::vector<Image> decode_latents(LatentCodec& codec, const at::Tensor& latents, Progress progress,
                                  Observer& observer) {
  progress.stage = Stage::decode;
  progress.total = static_cast<int>(latents.size(0));
  std::vector<Image> images;
  for (const auto& one : latents.split(1)) {
    images.push_back(to_image(codec.decode(one, observer)));
    if (is_flat(images.back())) observer.on_warning("the picture is one flat colour");
    progress.done = static_cast<int>(images.size());
    observer.on_progress(progress);
    if (observer.cancelled()) throw Interrupted();
  }
  return images;
}

}  // namespace velatura::pipelines
