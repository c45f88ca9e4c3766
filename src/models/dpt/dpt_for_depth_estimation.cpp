#include "models/dpt/dpt_for_depth_estimation.h"

namespace velatura::models {

using layers::Conv2d;
using layers::Module;

namespace {

// Containers that exist only for the checkpoint's names: head.head.0, .2 and .4.
struct Convolutions : Module {
  explicit Convolutions(std::int64_t size)
      : all{child<Conv2d>("0", size, size / 2, 3, 1, 1), child<Conv2d>("2", size / 2, 32, 3, 1, 1),
            child<Conv2d>("4", 32, 1, 1)} {}
  std::array<std::shared_ptr<Conv2d>, 3> all;
};

struct Head : Module {
  explicit Head(const DptConfig& c) : head(child<Convolutions>("head", c.fusion_hidden_size)) {}
  std::shared_ptr<Convolutions> head;
};

}  // namespace

DptForDepthEstimation::DptForDepthEstimation(const DptConfig& c)
    : config_(c),
      dpt_(child<DptModel>("dpt", c)),
      neck_(child<DptNeck>("neck", c)),
      head_(child<Head>("head", c)->head->all) {}

at::Tensor DptForDepthEstimation::forward(const at::Tensor& pixel_values) const {
  const std::int64_t height = pixel_values.size(2), width = pixel_values.size(3);
  TORCH_CHECK(height % DptConfig::patch_size == 0 && width % DptConfig::patch_size == 0,
              "sizes are multiples of ", DptConfig::patch_size, ", found ", width, "x", height);
  at::Tensor x = head_[0]->forward(neck_->forward(dpt_->forward(pixel_values)));
  const std::int64_t doubled[] = {2 * x.size(2), 2 * x.size(3)};
  x = at::upsample_bilinear2d(x, doubled, /*align_corners=*/true);
  x = head_[1]->forward(x).relu_();
  return head_[2]->forward(x).relu_().squeeze(1);
}

}  // namespace velatura::models
