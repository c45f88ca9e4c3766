#include "core/interruption.h"

#include <gtest/gtest.h>

#include <thread>

#include "velatura/error.h"

namespace velatura {
namespace {

struct Asked : Observer {
  explicit Asked(bool cancels) : cancels(cancels) {}
  bool cancelled() override { return cancels; }
  bool cancels;
};

TEST(Interruption, IsOfTheObserverThatIsAskedNow) {
  EXPECT_NO_THROW(end_if_cancelled());
  Asked ends(true), goes_on(false);
  {
    const Interruptible outer(ends);
    EXPECT_THROW(end_if_cancelled(), Interrupted);
    {
      const Interruptible inner(goes_on);
      EXPECT_NO_THROW(end_if_cancelled());
    }
    EXPECT_THROW(end_if_cancelled(), Interrupted);
    std::jthread([] { EXPECT_NO_THROW(end_if_cancelled()) << "another thread's work"; });
  }
  EXPECT_NO_THROW(end_if_cancelled());
}

}  // namespace
}  // namespace velatura
