#include "weights/sources/cast_source.h"

#include <utility>

namespace velatura::weights {
namespace {

class CastSource final : public WeightSource {
 public:
  CastSource(std::shared_ptr<const WeightSource> base, at::ScalarType dtype)
      : base_(std::move(base)), dtype_(dtype) {}

  std::string where() const override { return base_->where(); }
  std::vector<std::string> names() const override { return base_->names(); }

  std::optional<TensorInfo> find(const std::string& name) const override {
    auto info = base_->find(name);
    if (info) info->dtype = cast(info->dtype);
    return info;
  }

  at::Tensor load(const std::string& name) const override {
    const at::Tensor tensor = base_->load(name);
    return tensor.to(cast(tensor.scalar_type()));
  }

 private:
  at::ScalarType cast(at::ScalarType stored) const {
    return at::isFloatingType(stored) ? dtype_ : stored;
  }

  std::shared_ptr<const WeightSource> base_;
  at::ScalarType dtype_;
};

}  // namespace

std::shared_ptr<const WeightSource> with_dtype(std::shared_ptr<const WeightSource> source,
                                               at::ScalarType dtype) {
  return std::make_shared<CastSource>(std::move(source), dtype);
}

}  // namespace velatura::weights
