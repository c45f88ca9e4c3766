#pragma once

#include <c10/util/FunctionRef.h>

#include <cstdint>

namespace velatura {

/// Shares the numbers from `begin` to `end` among libtorch's threads: work(first, last) on stretches which
/// together are all of them, each of at least `grain` numbers but the last. A thread that has ended one
/// takes the next. The workers compute without autograd where the caller does; what `work` throws first is
/// thrown here, once all have ended. Inside of `work` there is one thread. at::parallel_for() itself is a
/// plain loop in every file that is compiled without OpenMP, so that it is called in one file only.
/// @pre grain > 0
void parallel_for(std::int64_t begin, std::int64_t end, std::int64_t grain,
                  c10::function_ref<void(std::int64_t first, std::int64_t last)> work);

}  // namespace velatura
