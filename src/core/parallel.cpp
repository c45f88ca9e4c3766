#include "core/parallel.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <atomic>

// Clang has an OpenMP runtime of its own, which would compute beside libtorch's: it does without.
#if !defined(INTRA_OP_PARALLEL) && !defined(__clang__)
#error "Compiled without OpenMP this is a loop on one thread."
#endif

namespace velatura {

namespace {

// One that is late, since its processor does something else as well or is a slower one, has others wait for no
// more than such a stretch.
constexpr std::int64_t kStretchesAThread = 8;

}  // namespace

void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  c10::function_ref<void(std::int64_t, std::int64_t)> work) {
  const std::int64_t threads =
      at::in_parallel_region()
          ? 1
          : std::min<std::int64_t>(at::get_num_threads(), (end - begin) / grain);
  if (threads <= 1) {
    if (begin < end) work(begin, end);
    return;
  }
  const std::int64_t stretch = std::max(grain, (end - begin) / (threads * kStretchesAThread));
  const bool inference = c10::InferenceMode::is_enabled();
  std::atomic next = begin;
  at::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) {
    const c10::InferenceMode as_the_caller(inference);
    for (std::int64_t first = next.fetch_add(stretch); first < end; first = next.fetch_add(stretch))
      work(first, std::min(first + stretch, end));
  });
}

}  // namespace velatura
