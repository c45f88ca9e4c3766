#include "weights/load_strict.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>

#include "core/parallel.h"
#include "velatura/error.h"
#include "weights/formats/mapped_file.h"
#include "weights/staging.h"

namespace velatura::weights {
namespace {

// A tensor is converted this many elements at a time: enough to keep the threads busy, little
// enough that the pages of the mapped file which are resident together do not count.
constexpr std::int64_t kPiece = std::int64_t{4} << 20;

// Of a piece, what fits into the cache while it is converted twice.
constexpr std::int64_t kSlice = std::int64_t{64} << 10;

// From float16 to bfloat16 by way of float32: libtorch has vector code to and from that one only. The bits are
// the same.
void convert(const at::Tensor& from, const at::Tensor& to) {
  if (from.scalar_type() != at::kHalf || to.scalar_type() != at::kBFloat16) {
    to.copy_(from);
    return;
  }
  const at::Tensor between = at::empty({std::min(kSlice, from.numel())}, at::kFloat);
  for (std::int64_t begin = 0; begin < from.numel(); begin += kSlice) {
    const std::int64_t count = std::min(kSlice, from.numel() - begin);
    const at::Tensor slice = between.narrow(0, 0, count);
    slice.copy_(from.narrow(0, begin, count));
    to.narrow(0, begin, count).copy_(slice);
  }
}

at::Tensor converted(const at::Tensor& stored, at::ScalarType dtype) {
  if (stored.scalar_type() == dtype) return stored;
  at::Tensor target = at::empty(stored.sizes(), at::TensorOptions().dtype(dtype));
  const at::Tensor from = stored.view({-1}), to = target.view({-1});
  for (std::int64_t begin = 0; begin < from.numel(); begin += kPiece) {
    const std::int64_t count = std::min(kPiece, from.numel() - begin);
    const at::Tensor piece = from.narrow(0, begin, count);
    const std::span memory(static_cast<const std::byte*>(piece.const_data_ptr()), piece.nbytes());
    about_to_read(memory);
    convert(piece, to.narrow(0, begin, count));
    done_reading(memory);
  }
  return target;
}

/// Where tensors go: one at a time onto a GPU, by threads side by side in the CPU's memory.
class Target {
 public:
  Target(at::Device device, at::ScalarType dtype) : dtype_(dtype) {
    if (!device.is_cpu()) staging_.emplace(device);
  }
  /// Calls give(i, tensor) for each of the parameters, by several threads. Reading in pages takes as long
  /// as converting does, so that each thread takes the next one itself: weights, and the biases between
  /// them, take turns.
  template <class Give>
  void place(const Parameters& parameters, const WeightSource& source, const Give& give) {
    std::atomic<std::size_t> next = 0;
    parallel_for(0, workers(), 1, [&](std::int64_t, std::int64_t) {
      for (std::size_t i = next++; i < parameters.size(); i = next++)
        give(i, placed(source.load(parameters[i].first)));
    });
    verify_mapped_files();
  }

 private:
  std::int64_t workers() const { return staging_ ? 1 : at::get_num_threads(); }
  at::Tensor placed(const at::Tensor& stored) {
    return staging_ ? staging_->placed(stored, dtype_) : converted(stored, dtype_);
  }

  at::ScalarType dtype_;
  std::optional<Staging> staging_;
};

// All or none.
void give(const Parameters& parameters, const WeightSource& source, at::Device device,
          at::ScalarType dtype) {
  std::vector<at::Tensor> loaded(parameters.size());
  Target(device, dtype).place(parameters, source, [&](std::size_t i, at::Tensor tensor) {
    loaded[i] = std::move(tensor);
  });
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    at::Tensor handle = parameters[i].second;
    handle.set_data(loaded[i]);
  }
}

// Each as soon as it is there, so that what it had before can go at once.
void replace(const Parameters& parameters, const WeightSource& source, at::Device device,
             at::ScalarType dtype, const std::function<void(const std::string&)>& on_given) {
  std::mutex giving;
  Target(device, dtype).place(parameters, source, [&](std::size_t i, const at::Tensor& tensor) {
    const std::lock_guard lock(giving);
    at::Tensor handle = parameters[i].second;
    handle.set_data(tensor);
    if (on_given) on_given(parameters[i].first);
  });
}

[[noreturn]] void refuse(const WeightSource& source, const KeyComparison& comparison) {
  throw InputError(source.where() + ": the weights do not fit the model: " + comparison.problems());
}

}  // namespace

void check_strict(const Parameters& parameters, const WeightSource& source,
                  const std::vector<std::string>& ignored) {
  const KeyComparison comparison = compare_keys(parameters, source, ignored);
  if (!comparison.fits()) refuse(source, comparison);
}

void load_strict(const Parameters& parameters, const WeightSource& source, at::Device device,
                 at::ScalarType dtype, const std::vector<std::string>& ignored) {
  check_strict(parameters, source, ignored);
  give(parameters, source, device, dtype);
}

void load_some(const Parameters& parameters, const std::set<std::string>& names,
               const WeightSource& source, at::Device device, at::ScalarType dtype,
               const std::function<void(const std::string&)>& on_given) {
  Parameters some;
  std::ranges::copy_if(parameters, std::back_inserter(some),
                       [&](const auto& parameter) { return names.contains(parameter.first); });
  KeyComparison comparison;
  for (const auto& [name, parameter] : some) compare_key(name, parameter, source, comparison);
  if (!comparison.fits()) refuse(source, comparison);
  replace(some, source, device, dtype, on_given);
}

}  // namespace velatura::weights
