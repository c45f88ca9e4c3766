#include "layers/feed_forward.h"

#include "ops/geglu.h"

namespace velatura::layers {
namespace {

// Containers that exist only for the checkpoint's names: net.0.proj, net.2.
struct Projection : Module {
  Projection(std::int64_t in, std::int64_t out) : proj(child<Linear>("proj", in, out)) {}
  std::shared_ptr<Linear> proj;
};

struct Net : Module {
  explicit Net(std::int64_t dim)
      : widen(child<Projection>("0", dim, 8 * dim)), narrow(child<Linear>("2", 4 * dim, dim)) {}
  std::shared_ptr<Projection> widen;
  std::shared_ptr<Linear> narrow;
};

}  // namespace

FeedForward::FeedForward(std::int64_t dim) {
  const auto net = child<Net>("net", dim);
  proj_in_ = net->widen->proj;
  proj_out_ = net->narrow;
}

at::Tensor FeedForward::forward(const at::Tensor& x) const {
  return proj_out_->forward(ops::geglu(proj_in_->forward(x)));
}

}  // namespace velatura::layers
