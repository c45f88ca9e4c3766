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
    Reason reason;
    const auto left = attempt(group, reason);
    if (group.size() == 1 && reason.is_final) {
      for (const std::size_t picture : left) fail(picture, reason);
      return;
    }
    for (const std::size_t picture : left) observer_.on_retry(picture, reason.text);
    for (const std::size_t picture : left)
      if (!attempt({picture}, reason).empty()) fail(picture, reason);
  }

 private:
  struct Reason {
    std::string text;
    bool is_final = false;  ///< it would be the same another time
  };

  void fail(std::size_t picture, const Reason& reason) {
    ++result_.failed;
    observer_.on_failed(picture, reason.text);
  }

  // @return the pictures that were not made, and why
  std::vector<std::size_t> attempt(const std::vector<std::size_t>& group, Reason& reason) {
    std::set<std::size_t> left(group.begin(), group.end());
    try {
      make_(group, [&](std::size_t picture) { result_.made += left.erase(picture); });
    } catch (const EndOfRun&) {
      throw;
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::output || error.kind() == ErrorKind::interrupted) throw;
      const bool is_final = error.kind() == ErrorKind::usage || error.kind() == ErrorKind::input;
      reason = {error.what(), is_final};
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
