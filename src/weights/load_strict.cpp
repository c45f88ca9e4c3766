#include "weights/load_strict.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "core/block_cache.h"
#include "core/parallel.h"
#include "velatura/error.h"
#include "weights/formats/mapped_file.h"
#include "weights/staging.h"

namespace velatura::weights {
namespace {

// A thread converts this many elements at a time: little enough that the pages of the mapped file which are
// resident together do not count.
constexpr std::int64_t kPiece = std::int64_t{1} << 20;

// So many bytes are copied even where their type is right: while they lay in the mapped file, up to 2 MiB around
// them would stay resident with them.
constexpr std::size_t kMostCopied = std::size_t{1} << 20;

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

// By several threads, each of which reads its piece in: that takes as long as converting does.
at::Tensor converted(const at::Tensor& stored, at::ScalarType dtype) {
  if (stored.scalar_type() == dtype && stored.nbytes() > kMostCopied) return stored;
  const KeptMemory kept;
  at::Tensor target = at::empty(stored.sizes(), at::TensorOptions().dtype(dtype));
  const at::Tensor from = stored.view({-1}), to = target.view({-1});
  parallel_for(0, from.numel(), kPiece, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t begin = first; begin < last; begin += kPiece) {
      const std::int64_t count = std::min(kPiece, last - begin);
      const at::Tensor piece = from.narrow(0, begin, count);
      const std::span memory(static_cast<const std::byte*>(piece.const_data_ptr()), piece.nbytes());
      about_to_read(memory);
      convert(piece, to.narrow(0, begin, count));
      done_reading(memory);
    }
  });
  return target;
}

// One after the other, so that what a parameter had before can go at once.
void give(const Parameters& parameters, const WeightSource& source, at::Device device,
          at::ScalarType dtype, const OnGiven& on_given) {
  std::optional<Staging> staging;
  if (!device.is_cpu()) staging.emplace(device);
  for (const auto& [name, parameter] : parameters) {
    const at::Tensor stored = source.load(name);
    at::Tensor handle = parameter;
    handle.set_data(staging ? staging->placed(stored, dtype) : converted(stored, dtype));
    if (on_given) on_given(name);
  }
  verify_mapped_files();
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
                 at::ScalarType dtype, const std::vector<std::string>& ignored,
                 const OnGiven& on_given) {
  check_strict(parameters, source, ignored);
  give(parameters, source, device, dtype, on_given);
}

void load_some(const Parameters& parameters, const std::set<std::string>& names,
               const WeightSource& source, at::Device device, at::ScalarType dtype,
               const OnGiven& on_given) {
  Parameters some;
  std::ranges::copy_if(parameters, std::back_inserter(some),
                       [&](const auto& parameter) { return names.contains(parameter.first); });
  KeyComparison comparison;
  for (const auto& [name, parameter] : some) compare_key(name, parameter, source, comparison);
  if (!comparison.fits()) refuse(source, comparison);
  give(some, source, device, dtype, on_given);
}

}  // namespace velatura::weights
