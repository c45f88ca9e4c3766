#include "batch/run.h"

#include <gmock/gmock.h>

#include <map>

namespace velatura::batch {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Watcher : public RunObserver {
 public:
  void on_retry(std::size_t picture, const std::string&) override { retried.push_back(picture); }
  void on_failed(std::size_t picture, const std::string& reason) override {
    failed.push_back(picture);
    reasons.push_back(reason);
  }
  bool stopped() override { return stop; }

  std::vector<std::size_t> retried, failed;
  std::vector<std::string> reasons;
  bool stop = false;
};

RunResult run(const std::vector<std::vector<std::size_t>>& groups, const MakeGroup& make,
              bool fail_fast, RunObserver& observer) {
  RunResult result;
  run(groups, make, fail_fast, observer, result);
  return result;
}

/// Fails at one picture as often as it is told.
class Maker {
 public:
  explicit Maker(std::size_t picture = 0, int failures = 0) : failures_{{picture, failures}} {}

  void operator()(const std::vector<std::size_t>& group,
                  const std::function<void(std::size_t)>& made) {
    for (const std::size_t picture : group) {
      if (failures_[picture]-- > 0)
        throw Error(ErrorKind::internal, "no " + std::to_string(picture));
      done.push_back(picture);
      made(picture);
    }
  }

  std::vector<std::size_t> done;

 private:
  std::map<std::size_t, int> failures_;
};

TEST(Run, MakesGroupsInOrder) {
  Watcher watcher;
  Maker maker;
  const auto result = run({{0, 2}, {1}}, std::ref(maker), false, watcher);
  EXPECT_THAT(maker.done, ElementsAre(0, 2, 1));
  EXPECT_EQ(result.made, 3u);
  EXPECT_EQ(result.failed, 0u);
  EXPECT_TRUE(result.complete);
}

TEST(Run, WhatFailsIsTriedOnceMoreAlone) {
  Watcher watcher;
  Maker maker(1, 1);
  const auto result = run({{0, 1, 2}, {3}}, std::ref(maker), false, watcher);
  EXPECT_THAT(maker.done, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(watcher.retried, ElementsAre(1, 2));
  EXPECT_THAT(watcher.failed, IsEmpty());
  EXPECT_EQ(result.made, 4u);
}

TEST(Run, WhatFailsTwiceDoesNotStopTheRest) {
  Watcher watcher;
  Maker maker(1, 2);
  const auto result = run({{0, 1, 2}, {3}}, std::ref(maker), false, watcher);
  EXPECT_THAT(maker.done, ElementsAre(0, 2, 3));
  EXPECT_THAT(watcher.failed, ElementsAre(1));
  EXPECT_THAT(watcher.reasons, ElementsAre("no 1"));
  EXPECT_EQ(result.made, 3u);
  EXPECT_EQ(result.failed, 1u);
  EXPECT_TRUE(result.complete);
}

TEST(Run, FailFastStopsAfterTheGroup) {
  Watcher watcher;
  Maker maker(0, 2);
  const auto result = run({{0}, {1}}, std::ref(maker), true, watcher);
  EXPECT_THAT(maker.done, IsEmpty());
  EXPECT_FALSE(result.complete);
}

TEST(Run, NothingIsBegunOnceItShouldStop) {
  Watcher watcher;
  watcher.stop = true;
  Maker maker;
  EXPECT_FALSE(run({{0}}, std::ref(maker), false, watcher).complete);
  EXPECT_THAT(maker.done, IsEmpty());
}

TEST(Run, WhatCannotChangeIsNotTriedAgain) {
  for (const ErrorKind kind : {ErrorKind::input, ErrorKind::usage}) {
    Watcher watcher;
    std::vector<std::size_t> tried;
    const auto fails_at_0 = [&](const std::vector<std::size_t>& group,
                                const std::function<void(std::size_t)>& made) {
      for (const std::size_t picture : group) {
        tried.push_back(picture);
        if (picture == 0) throw Error(kind, "nan");
        made(picture);
      }
    };
    EXPECT_EQ(run({{0}, {1}}, fails_at_0, false, watcher).failed, 1u);
    EXPECT_THAT(tried, ElementsAre(0, 1));
    EXPECT_THAT(watcher.retried, IsEmpty());
    EXPECT_THAT(watcher.failed, ElementsAre(0));
    EXPECT_THAT(watcher.reasons, ElementsAre("nan"));
    // In a group, others may be at fault.
    EXPECT_EQ(run({{1, 0, 2}}, fails_at_0, false, watcher).made, 2u);
  }
}

TEST(Run, WhatWouldEndTheNextPictureTooEndsTheRun) {
  Watcher watcher;
  int calls = 0;
  const auto throwing = [&](const auto& error) {
    return [&](const std::vector<std::size_t>&, const std::function<void(std::size_t)>&) {
      ++calls;
      throw error;
    };
  };
  EXPECT_THROW(run({{0}, {1}}, throwing(OutputError("disk full")), false, watcher), OutputError);
  EXPECT_THROW(run({{0}, {1}}, throwing(Interrupted()), false, watcher), Interrupted);
  EXPECT_THROW(run({{0}, {1}}, throwing(EndOfRun(ErrorKind::resource, "gone")), false, watcher),
               EndOfRun);
  EXPECT_EQ(calls, 3);
  EXPECT_THAT(watcher.retried, IsEmpty());
}

}  // namespace
}  // namespace velatura::batch
