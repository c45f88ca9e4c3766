#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>

#include "support/at_end.h"
#include "support/stand_in_gpu/stand_in.h"

namespace velatura::stand_in {
namespace {

/// How often each event happened, written to STAND_IN_REPORT at exit: "COUNT KIND WHAT" a line.
class Report {
 public:
  void count(const std::string& event) {
    const std::lock_guard lock(mutex_);
    ++events_[event];
  }
  void write() const {
    const char* const name = std::getenv("STAND_IN_REPORT");
    if (name == nullptr) return;
    std::ofstream file(name);
    for (const auto& [event, times] : events_) file << times << ' ' << event << '\n';
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> events_;
};

Report& report() {
  static Report& one = *[] {
    velatura::testing::at_end([] { report().write(); });
    return new Report;
  }();
  return one;
}

}  // namespace

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

void note(const std::string& kind, const std::string& what) {
  report().count(kind + " " + what);
}

}  // namespace velatura::stand_in
