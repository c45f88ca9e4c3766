#include "layers/shared_statistics.h"

#include <ATen/ATen.h>

namespace velatura::layers {

// What one norm is given. Sums of tiles are put together as in Chan et al. 1979, so that a mean far from
// zero costs no precision.
class SharedStatistics::OfNorm : public NormStatistics {
 public:
  explicit OfNorm(SharedStatistics& all) : all_(all) {}

  NormMoments of(const at::Tensor& x) override {
    gather(x.to(at::kFloat));
    NormMoments now{mean_, squares_ / weight_};
    so_far_.push_back(now);
    if (before_.empty()) return now;
    // What has changed in the tiles so far has changed in the others, too.
    const NormMoments &then = before_[so_far_.size() - 1], &last = before_.back();
    return {last.mean + (now.mean - then.mean),
            at::maximum(last.variance + (now.variance - then.variance), last.variance / 4)};
  }

  void finish_round() {
    before_ = std::move(so_far_);
    so_far_.clear();
    weight_.reset();
  }

 private:
  void gather(const at::Tensor& x) {
    const at::Tensor& share = all_.share_at(x.size(3), x.size(4));
    const auto sum = [](const at::Tensor& values) {
      // Over pixels first: channels are neighbours in memory.
      return values.sum(at::IntArrayRef{3, 4}, /*keepdim=*/true).sum(2, /*keepdim=*/true);
    };
    const at::Tensor weight = share.sum(0).sum(0) * static_cast<double>(x.size(2));
    const at::Tensor mean = sum(x * share) / weight;
    const at::Tensor squares = sum((x - mean).square_().mul_(share));
    if (!weight_.defined()) {
      weight_ = weight, mean_ = mean, squares_ = squares;
      return;
    }
    const at::Tensor total = weight_ + weight, apart = mean - mean_;
    mean_ = mean_ + apart * (weight / total);
    squares_ = squares_ + squares + apart.square() * (weight_ * weight / total);
    weight_ = total;
  }

  SharedStatistics& all_;
  std::vector<NormMoments> before_,
      so_far_;                          // of the first n tiles of the last round and of this one
  at::Tensor weight_, mean_, squares_;  // of this round; undefined before its first tile
};

SharedStatistics::SharedStatistics(Module& model) {
  model.apply([this](Module& module) {
    if (auto* const norm = dynamic_cast<GroupNorm*>(&module)) {
      norms_.emplace_back(norm, std::make_shared<OfNorm>(*this));
    }
  });
}

SharedStatistics::~SharedStatistics() = default;

void SharedStatistics::finish_round() {
  for (const auto& [norm, statistics] : norms_) statistics->finish_round();
}

const at::Tensor& SharedStatistics::share_at(std::int64_t height, std::int64_t width) {
  at::Tensor& share = shares_[{height, width}];
  if (!share.defined()) {
    share = at::adaptive_avg_pool2d(share_.unsqueeze(0), {height, width}).squeeze(0);
  }
  return share;
}

SharedStatistics::Tile::Tile(SharedStatistics& statistics, at::Tensor share)
    : statistics_(statistics) {
  statistics_.share_ = std::move(share);
  statistics_.shares_.clear();
  for (const auto& [norm, of_norm] : statistics_.norms_) norm->go_by(of_norm);
}

SharedStatistics::Tile::~Tile() {
  for (const auto& [norm, of_norm] : statistics_.norms_) norm->go_by(nullptr);
}

}  // namespace velatura::layers
