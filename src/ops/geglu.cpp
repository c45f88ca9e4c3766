#include "ops/geglu.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <cstdint>

#include "core/parallel.h"
#include "ops/geglu_kernel.h"

namespace velatura::ops {
namespace {

constexpr std::int64_t grain_elements = 32768;

// projected [rows, 2 * width] → out [rows, width].
template <class T>
void gate_rows(const T* projected, T* out, std::int64_t rows, std::int64_t width) {
  parallel_for(0, rows, grain_elements / width + 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* value = projected + row * 2 * width;
      gate(value, value + width, out + row * width, width);
    }
  });
}

at::Tensor geglu_with_aten(const at::Tensor& projected) {
  const std::int64_t width = projected.size(-1) / 2;
  return projected.narrow(-1, 0, width) * at::gelu(projected.narrow(-1, width, width));
}

at::Tensor geglu_cpu(const at::Tensor& projected) {
  const std::int64_t width = projected.size(-1) / 2;
  const bool covered =
      projected.is_contiguous() && projected.numel() > 0 &&
      (projected.scalar_type() == at::kFloat || projected.scalar_type() == at::kBFloat16);
  if (!covered) return geglu_with_aten(projected);
  auto shape = projected.sizes().vec();
  shape.back() = width;
  at::Tensor out = at::empty(shape, projected.options());
  const std::int64_t rows = out.numel() / width;
  if (projected.scalar_type() == at::kFloat) {
    gate_rows(projected.const_data_ptr<float>(), out.mutable_data_ptr<float>(), rows, width);
  } else {
    gate_rows(static_cast<const std::uint16_t*>(projected.const_data_ptr()),
              static_cast<std::uint16_t*>(out.mutable_data_ptr()), rows, width);
  }
  return out;
}

}  // namespace

TORCH_LIBRARY_FRAGMENT(velatura, library) {
  library.def("geglu(Tensor projected) -> Tensor");
  library.impl("geglu", c10::DispatchKey::CompositeExplicitAutograd, geglu_with_aten);
  library.impl("geglu", c10::DispatchKey::CPU, geglu_cpu);
}

at::Tensor geglu(const at::Tensor& projected) {
  TORCH_CHECK(projected.size(-1) % 2 == 0, "geglu: the last dimension, ", projected.size(-1),
              ", is odd");
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("velatura::geglu", "")
                             .typed<decltype(geglu)>();
  return op.call(projected);
}

}  // namespace velatura::ops
