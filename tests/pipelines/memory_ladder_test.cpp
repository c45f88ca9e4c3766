#include "pipelines/memory_ladder.h"

#include <gtest/gtest.h>

#include <new>

#include "pipelines/cases.h"

namespace velatura::pipelines {
namespace {

using velatura::testing::message_of;
using velatura::testing::Recorder;

/// Work that needs so much memory, and steps that each halve it.
struct Work {
  int need;
  int room;
  int attempts = 0;

  void run() {
    ++attempts;
    if (need > room) throw std::bad_alloc();
  }
  std::string economise() {
    if (need == 1) return "";
    need /= 2;
    return "need " + std::to_string(need);
  }
};

void carry_out(Work& work, Observer& observer) {
  with_less_memory([&] { work.run(); }, [&] { return work.economise(); }, at::kCPU, observer);
}

TEST(MemoryLadder, IsNotClimbedWhereMemoryIsEnough) {
  Work work{.need = 8, .room = 8};
  Recorder recorder;
  carry_out(work, recorder);
  EXPECT_EQ(work.attempts, 1);
  EXPECT_TRUE(recorder.warnings.empty());
}

TEST(MemoryLadder, GoesAsFarAsItMustAndSaysSo) {
  Work work{.need = 8, .room = 2};
  Recorder recorder;
  carry_out(work, recorder);
  EXPECT_EQ(work.need, 2);
  EXPECT_EQ(work.attempts, 3);
  EXPECT_EQ(recorder.warnings, (std::vector<std::string>{"memory ran out; from here on need 4",
                                                         "memory ran out; from here on need 2"}));
}

TEST(MemoryLadder, EndsInAResourceError) {
  Work work{.need = 4, .room = 0};
  Recorder recorder;
  EXPECT_EQ(message_of<ResourceError>([&] { carry_out(work, recorder); }),
            "the computer ran out of memory: a smaller batch-size or picture needs less");
  EXPECT_EQ(work.attempts, 3);
  EXPECT_EQ(recorder.warnings.size(), 2u);
}

TEST(MemoryLadder, LetsOtherErrorsPass) {
  Recorder recorder;
  const auto economise = []() -> std::string {
    ADD_FAILURE();
    return "";
  };
  EXPECT_THROW(with_less_memory([] { throw Interrupted(); }, economise, at::kCPU, recorder),
               Interrupted);
  EXPECT_THROW(
      with_less_memory([] { throw std::runtime_error("another"); }, economise, at::kCPU, recorder),
      std::runtime_error);
  EXPECT_TRUE(recorder.warnings.empty());
}

}  // namespace
}  // namespace velatura::pipelines
