#include "pipelines/memory_ladder.h"

#include <optional>

#include "core/out_of_memory.h"
#include "velatura/error.h"

namespace velatura::pipelines {
namespace {

// What is said of the memory that ran out; nothing if the work was done.
std::optional<ResourceError> attempt(const std::function<void()>& work) {
  try {
    work();
    return std::nullopt;
  } catch (const std::exception& error) {
    if (auto exhausted = out_of_memory(error)) return exhausted;
    throw;
  }
}

}  // namespace

void with_less_memory(const std::function<void()>& work,
                      const std::function<std::string()>& economise, at::Device device,
                      Observer& observer) {
  while (const auto shortage = attempt(work)) {
    const std::string step = economise();
    if (step.empty()) throw *shortage;
    observer.on_warning("memory ran out; from here on " + step);
    release_kept_memory(device);
  }
}

}  // namespace velatura::pipelines
