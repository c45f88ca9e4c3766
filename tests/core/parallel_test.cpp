#include "core/parallel.h"

#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace velatura {
namespace {

/// Two threads, whatever the machine has.
class Parallel : public ::testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(2); }
  void TearDown() override { at::set_num_threads(before_); }

 private:
  int before_ = at::get_num_threads();
};

/// A number that threads count up and wait for.
class Counted {
 public:
  void add(std::int64_t count) {
    const std::lock_guard lock(mutex_);
    count_ += count;
    changed_.notify_all();
  }
  /// False if it does not come to that.
  bool wait_for(std::int64_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t count_ = 0;
};

TEST_F(Parallel, StretchesAreTheWholeRangeOnce) {
  std::vector<std::atomic<int>> visits(101);
  parallel_for(7, 101, 3, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) ++visits[static_cast<std::size_t>(i)];
  });
  for (std::size_t i = 0; i < visits.size(); ++i) EXPECT_EQ(visits[i], i < 7 ? 0 : 1) << i;
}

TEST_F(Parallel, WorksOnAllThreads) {
#ifdef __clang__
  GTEST_SKIP() << "Clang's builds do without threads here";
#endif
  // Each waits for the other one, which the same thread would not get to.
  Counted begun;
  std::atomic<int> met = 0, calls = 0;
  parallel_for(0, 2, 1, [&](std::int64_t first, std::int64_t last) {
    ++calls;
    begun.add(last - first);
    if (begun.wait_for(2)) met += static_cast<int>(last - first);
  });
  EXPECT_EQ(met, 2);
  EXPECT_EQ(calls, 2);
}

// So that a thread whose processor is slow, or busy with something else, does not hold up the others.
TEST_F(Parallel, WhatOneThreadIsLateForTheOthersDo) {
#ifdef __clang__
  GTEST_SKIP() << "Clang's builds do without threads here";
#endif
  constexpr std::int64_t all = 64;
  Counted done;
  std::atomic<bool> others_went_on = false;
  parallel_for(0, all, 1, [&](std::int64_t first, std::int64_t last) {
    if (first == 0) {
      others_went_on = done.wait_for(all - last);
    } else {
      done.add(last - first);
    }
  });
  EXPECT_TRUE(others_went_on);
}

TEST_F(Parallel, AGrainThatIsTheWholeIsOneStretch) {
  std::atomic<int> calls = 0;
  parallel_for(0, 8, 8, [&](std::int64_t first, std::int64_t last) {
    ++calls;
    EXPECT_EQ(first, 0);
    EXPECT_EQ(last, 8);
  });
  EXPECT_EQ(calls, 1);
}

TEST_F(Parallel, AnEmptyRangeIsNoWork) {
  parallel_for(3, 3, 1, [](std::int64_t, std::int64_t) { ADD_FAILURE(); });
}

TEST_F(Parallel, WorkersAreInTheModeOfTheirCaller) {
  for (const bool inference : {false, true}) {
    const c10::InferenceMode mode(inference);
    std::atomic<int> as_the_caller = 0;
    parallel_for(0, 2, 1, [&](std::int64_t first, std::int64_t last) {
      if (c10::InferenceMode::is_enabled() == inference)
        as_the_caller += static_cast<int>(last - first);
    });
    EXPECT_EQ(as_the_caller, 2) << inference;
  }
}

TEST_F(Parallel, WhatAWorkerThrowsIsThrown) {
  for (const std::int64_t thrower : {0, 1}) {
    EXPECT_THROW(parallel_for(0, 2, 1,
                              [&](std::int64_t first, std::int64_t last) {
                                if (first <= thrower && thrower < last)
                                  throw std::runtime_error("worker");
                              }),
                 std::runtime_error)
        << thrower;
  }
}

}  // namespace
}  // namespace velatura
