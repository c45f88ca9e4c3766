#include <cxxabi.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <utility>

#include "support/at_end.h"
#include "support/null_cuda/null_cuda.h"

namespace velatura::null_cuda {
namespace {

thread_local cudaError_t error_of_thread = cudaSuccess;

std::string demangled(const std::string& name) {
  int status = 0;
  char* const text = abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status);
  std::string result = status == 0 ? text : name;
  std::free(text);
  return result;
}

class Events {
 public:
  void count(const std::string& event) {
    const std::lock_guard lock(mutex_);
    ++times_[event];
  }
  long count_of(const std::string& beginning) {
    const std::lock_guard lock(mutex_);
    long sum = 0;
    for (const auto& [event, times] : times_) {
      if (event.starts_with(beginning)) sum += times;
    }
    return sum;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    times_.clear();
  }
  void write() const {
    const char* const name = std::getenv("NULL_CUDA_REPORT");
    if (name == nullptr) return;
    std::ofstream file(name);
    for (const auto& [event, times] : times_) file << times << ' ' << event << '\n';
    file << null_cuda_peak() << " bytes at most\n";
  }

 private:
  std::mutex mutex_;
  std::map<std::string, long> times_;
};

Events& events() {
  static Events& all = *[] {
    velatura::testing::at_end([] { events().write(); });
    return new Events;
  }();
  return all;
}

}  // namespace

std::size_t from_environment(const char* name, std::size_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

int compute_capability() {
  static const int compute = static_cast<int>(from_environment("NULL_CUDA_COMPUTE", 90));
  return compute;
}

void note(const std::string& kind, const std::string& what) {
  events().count(kind + " " + demangled(what));
}

cudaError_t refuse(cudaError_t error, const std::string& what) {
  error_of_thread = error;
  note("refused", what);
  return error;
}

cudaError_t last_error() {
  return error_of_thread;
}

cudaError_t take_last_error() {
  return std::exchange(error_of_thread, cudaSuccess);
}

}  // namespace velatura::null_cuda

long null_cuda_count(const char* beginning) {
  return velatura::null_cuda::events().count_of(beginning);
}

void null_cuda_reset() {
  velatura::null_cuda::events().forget();
}
