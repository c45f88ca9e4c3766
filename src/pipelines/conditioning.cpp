#include "pipelines/conditioning.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>

#include <algorithm>

namespace velatura::pipelines {

namespace {

PictureConditioning join(const std::vector<PictureConditioning>& parts) {
  PictureConditioning joined = parts.front();
  for (const auto member : {&PictureConditioning::keys, &PictureConditioning::values}) {
    for (std::size_t layer = 0; layer < (joined.*member).size(); ++layer) {
      std::vector<at::Tensor> tensors;
      for (const PictureConditioning& part : parts) tensors.push_back((part.*member)[layer]);
      (joined.*member)[layer] = at::cat(tensors);
    }
  }
  return joined;
}

bool same_shapes(const PictureConditioning& a, const PictureConditioning& b) {
  return a.keys.front().sizes() == b.keys.front().sizes();
}

}  // namespace

Conditioning join(const std::vector<Conditioning>& parts) {
  Conditioning joined;
  for (const auto member : {&Conditioning::context, &Conditioning::pooled, &Conditioning::time_ids,
                            &Conditioning::guidance, &Conditioning::objects,
                            &Conditioning::image_embeds, &Conditioning::hint}) {
    if (!(parts.front().*member).defined()) continue;
    std::vector<at::Tensor> tensors;
    for (const Conditioning& part : parts) tensors.push_back(part.*member);
    joined.*member = at::cat(tensors);
  }
  for (std::size_t i = 0; i < parts.front().pictures.size(); ++i) {
    std::vector<PictureConditioning> pictures;
    for (const Conditioning& part : parts) pictures.push_back(part.pictures[i]);
    joined.pictures.push_back(join(pictures));
  }
  return joined;
}

bool can_join(const Conditioning& a, const Conditioning& b) {
  const bool alike = a.context.defined() && b.context.defined()
                         ? a.context.sizes() == b.context.sizes()
                         : a.context.defined() == b.context.defined();
  return alike && a.objects.defined() == b.objects.defined() &&
         std::ranges::equal(a.pictures, b.pictures, same_shapes);
}

}  // namespace velatura::pipelines
