#include "models/unet/position_net.h"

#include <ATen/ATen.h>

namespace velatura::models {

using layers::Linear;

namespace {

constexpr std::int64_t kFrequencies = 8;
constexpr std::int64_t kBoxFeatures = kFrequencies * 2 * 4;
constexpr std::int64_t kHidden = 512;

// Container that exists only for the checkpoint's names; 1 and 3 are SiLU.
struct Linears : layers::Module {
  explicit Linears(std::int64_t width)
      : in(child<Linear>("0", width + kBoxFeatures, kHidden)),
        mid(child<Linear>("2", kHidden, kHidden)),
        out(child<Linear>("4", kHidden, width)) {}
  std::shared_ptr<Linear> in, mid, out;
};

// [B, N, 4] → [B, N, frequencies · (sin, cos) · corners]
at::Tensor waves(const at::Tensor& boxes) {
  const auto order = at::arange(kFrequencies, boxes.options().dtype(at::kFloat)) / kFrequencies;
  const auto frequencies = at::pow(100, order).to(boxes.scalar_type());
  const auto phase = frequencies * boxes.unsqueeze(-1);  // [B, N, 4, frequencies]
  return at::stack({phase.sin(), phase.cos()}, -1).permute({0, 1, 3, 4, 2}).flatten(2);
}

// The present ones, and for others the feature that stands for nothing. @param x [B, N, F]
at::Tensor or_null(const at::Tensor& x, const at::Tensor& present, const at::Tensor& null) {
  return x * present + (1 - present) * null;
}

}  // namespace

PositionNet::PositionNet(std::int64_t width)
    : null_positive_feature_(declare("null_positive_feature", {width})),
      null_position_feature_(declare("null_position_feature", {kBoxFeatures})) {
  const auto linears = child<Linears>("linears", width);
  linear_in_ = linears->in;
  linear_mid_ = linears->mid;
  linear_out_ = linears->out;
}

at::Tensor PositionNet::forward(const at::Tensor& boxes, const at::Tensor& features,
                                const at::Tensor& present) const {
  const auto there = present.unsqueeze(-1);
  const auto place = or_null(waves(boxes), there, null_position_feature_);
  const auto what = or_null(features, there, null_positive_feature_);
  const auto hidden = at::silu(linear_in_->forward(at::cat({what, place}, -1)));
  return linear_out_->forward(at::silu(linear_mid_->forward(hidden)));
}

}  // namespace velatura::models
