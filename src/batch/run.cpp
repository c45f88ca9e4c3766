#include "batch/run.h"

#include <set>

namespace velatura::batch {
namespace {

/// One run at work.
class Run {
 public:
  Run(const MakeGroup& make, RunObserver& observer, RunResult& result)
      : make_(make), observer_(observer), result_(result) {}

  // The group together, then what is left of it one by one.
  void make(const std::vector<std::size_t>& group) {
    Cause cause;
    const auto left = attempt(group, cause);
    if (group.size() == 1 && cause.stays) {
      for (const std::size_t picture : left) failed(picture, cause);
      return;
    }
    for (const std::size_t picture : left) observer_.on_retry(picture, cause.reason);
    for (const std::size_t picture : left) {
      if (!attempt({picture}, cause).empty()) failed(picture, cause);
    }
  }

 private:
  /// Why pictures were not made.
  struct Cause {
    std::string reason;
    bool stays = false;  ///< what a picture is made from is at fault: it would fail again
  };

  void failed(std::size_t picture, const Cause& cause) {
    ++result_.failed;
    observer_.on_failed(picture, cause.reason);
  }

  // @return the pictures that were not made
  std::vector<std::size_t> attempt(const std::vector<std::size_t>& group, Cause& cause) {
    std::set<std::size_t> left(group.begin(), group.end());
    try {
      make_(group, [&](std::size_t picture) { result_.made += left.erase(picture); });
    } catch (const EndOfRun&) {
      throw;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::output || error.kind() == ErrorKind::interrupted) throw;
      cause.reason = error.what();
      cause.stays = error.kind() == ErrorKind::input || error.kind() == ErrorKind::usage;
    }
    return {left.begin(), left.end()};
  }

  const MakeGroup& make_;
  RunObserver& observer_;
  RunResult& result_;
};

}  // namespace

void run(const std::vector<std::vector<std::size_t>>& groups, const MakeGroup& make, bool fail_fast,
         RunObserver& observer, RunResult& result) {
  Run run(make, observer, result);
  for (const auto& group : groups) {
    if (observer.stopped() || (fail_fast && result.failed > 0)) {
      result.complete = false;
      break;
    }
    run.make(group);
  }
}

}  // namespace velatura::batch
