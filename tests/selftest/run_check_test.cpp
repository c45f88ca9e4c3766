#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "selftest/check.h"
#include "selftest/report.h"

namespace velatura::selftest {
namespace {

Row run(std::function<Finding(at::Device)> what) {
  return run_check({"name", std::move(what)}, at::kCPU);
}

TEST(RunCheck, ReportsWhatTheCheckFound) {
  const Row row = run([](at::Device device) { return failed("on " + device.str()); });
  EXPECT_EQ(row.name, "name");
  EXPECT_EQ(row.finding.outcome, Outcome::failed);
  EXPECT_EQ(row.finding.detail, "on cpu");
  EXPECT_GE(row.seconds, 0.0);
}

TEST(RunCheck, MakesAFailureOfWhatIsThrown) {
  const Row row =
      run([](at::Device) -> Finding { throw std::runtime_error("first line\nsecond line"); });
  EXPECT_EQ(row.finding.outcome, Outcome::failed);
  EXPECT_EQ(row.finding.detail, "first line");

  const Row of_libtorch = run([](at::Device) -> Finding {
    at::ones({2}).add(at::ones({3}));
    return passed("");
  });
  EXPECT_EQ(of_libtorch.finding.outcome, Outcome::failed);
  EXPECT_NE(of_libtorch.finding.detail.find("size of tensor"), std::string::npos);
}

TEST(Report, CountsOutcomesAndAddsSeconds) {
  const Report report{"cpu",
                      {{"a", passed(""), 1.0}, {"b", skipped(""), 2.0}, {"c", passed(""), 4.0}}};
  EXPECT_EQ(report.count(Outcome::passed), 2u);
  EXPECT_EQ(report.count(Outcome::failed), 0u);
  EXPECT_EQ(report.count(Outcome::skipped), 1u);
  EXPECT_EQ(report.seconds(), 7.0);
}

}  // namespace
}  // namespace velatura::selftest
