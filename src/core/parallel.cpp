#include "core/parallel.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>

// Clang has an OpenMP runtime of its own, which would compute beside libtorch's: it does without.
#if !defined(INTRA_OP_PARALLEL) && !defined(__clang__)
#error "Compiled without OpenMP this is a loop on one thread."
#endif

namespace velatura {

void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  c10::function_ref<void(std::int64_t, std::int64_t)> work) {
  const bool inference = c10::InferenceMode::is_enabled();
  at::parallel_for(begin, end, grain, [&](std::int64_t first, std::int64_t last) {
    const c10::InferenceMode as_the_caller(inference);
    work(first, last);
  });
}

}  // namespace velatura
