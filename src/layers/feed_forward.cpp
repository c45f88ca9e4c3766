#include "layers/feed_forward.h"

#include <ATen/ATen.h>

#include "ops/geglu.h"

namespace velatura::layers {
namespace {

// Containers that exist only for the checkpoint's names: net.0.proj, net.2.
struct Projection : Module {
  Projection(std::int64_t in, std::int64_t out) : proj(child<Linear>("proj", in, out)) {}
  std::shared_ptr<Linear> proj;
};

struct Net : Module {
  Net(std::int64_t dim, FeedForwardKind kind)
      : widen(child<Projection>("0", dim, kind == FeedForwardKind::geglu ? 8 * dim : 4 * dim)),
        narrow(child<Linear>("2", 4 * dim, dim)) {}
  std::shared_ptr<Projection> widen;
  std::shared_ptr<Linear> narrow;
};

}  // namespace

FeedForward::FeedForward(std::int64_t dim, FeedForwardKind kind) : kind_(kind) {
  const auto net = child<Net>("net", dim, kind);
  proj_in_ = net->widen->proj;
  proj_out_ = net->narrow;
}

at::Tensor FeedForward::forward(const at::Tensor& x) const {
  const at::Tensor wide = proj_in_->forward(x);
  return proj_out_->forward(kind_ == FeedForwardKind::geglu ? ops::geglu(wide) : at::gelu(wide));
}

}  // namespace velatura::layers
