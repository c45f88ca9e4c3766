#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/velatura.h"

namespace velatura::testing {
namespace {

using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Selftest : public ::testing::Test {
 protected:
  Outcome run(std::vector<std::string> options, const std::string& temporary = "") const {
    options.insert(options.begin(), {"selftest", "--device", "cpu"});
    Child child{.arguments = options};
    if (!temporary.empty()) child.environment["TMPDIR"] = temporary;
    return run_velatura(child);
  }

  TemporaryFolder folder_;
};

TEST_F(Selftest, PrintsATableOfAlignedLinesAndASummary) {
  const Outcome outcome = run({});
  ASSERT_TRUE(succeeded(outcome));
  auto table = lines(outcome.out);
  ASSERT_GT(table.size(), 10u);
  EXPECT_THAT(table.back(), HasSubstr(" passed, "));
  EXPECT_THAT(table.back(), HasSubstr(" skipped in "));
  table.pop_back();
  const std::size_t name = table.front().find("versions");
  for (const std::string& line : table) {
    EXPECT_THAT(line, ::testing::AnyOf(StartsWith("passed "), StartsWith("skipped")));
    EXPECT_EQ(line[name - 1], ' ') << line;
    EXPECT_NE(line[name], ' ') << line;
  }
}

TEST_F(Selftest, SaysTheSameInJsonAndJUnit) {
  const std::string junit = folder_ / "reports/selftest.xml";
  const Outcome outcome = run({"--json", "--junit", junit});
  ASSERT_TRUE(succeeded(outcome));
  const auto report = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(report.at("device"), "cpu");
  EXPECT_EQ(report.at("failed"), 0);
  const auto& checks = report.at("checks");
  EXPECT_EQ(report.at("passed").get<std::size_t>() + report.at("skipped").get<std::size_t>(),
            checks.size());
  const std::string xml = file_text(junit);
  EXPECT_THAT(xml, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites"));
  EXPECT_THAT(xml, EndsWith("</testsuites>\n"));
  EXPECT_THAT(xml, HasSubstr("tests=\"" + std::to_string(checks.size()) + "\" failures=\"0\""));
  for (const auto& check : checks) {
    const std::string name = check.at("name");
    EXPECT_THAT(xml, HasSubstr(" name=\"" + name + "\" time="));
    if (check.at("outcome") == "skipped") {
      EXPECT_THAT(xml, ContainsRegex(" name=\"" + name + "\" time=\"[0-9.]+\"><skipped message="));
    }
  }
}

TEST_F(Selftest, WhatWasNotCheckedIsSkippedWithItsReason) {
  const std::string junit = folder_ / "selftest.xml";
  const Outcome text = run({"--junit", junit});
  ASSERT_TRUE(succeeded(text));
  EXPECT_THAT(text.out,
              ContainsRegex("skipped +[0-9.]+ s  GPU kernels +(there is no|the CPU was)"));
  EXPECT_THAT(file_text(junit), ContainsRegex(" name=\"GPU kernels\" time=\"[0-9.]+\"><skipped "
                                              "message=\"(there is no|the CPU was)"));
}

TEST_F(Selftest, QuietPrintsNothingUnlessACheckFails) {
  const Outcome passed = run({"-q"});
  ASSERT_TRUE(succeeded(passed));
  EXPECT_EQ(passed.out, "");

  const std::string junit = folder_ / "selftest.xml";
  const Outcome failed = run({"-q", "--junit", junit}, folder_ / "not there");
  EXPECT_EQ(failed.exit_code, 1);
  ASSERT_EQ(lines(failed.out).size(), 1u) << failed.out;
  EXPECT_THAT(failed.out, StartsWith("failed "));
  EXPECT_THAT(failed.out, HasSubstr("atomic write"));
  EXPECT_THAT(failed.err, StartsWith("velatura: selftest: 1 of "));
  EXPECT_THAT(file_text(junit), HasSubstr("<failure message="));
}

TEST_F(Selftest, ExitCodesTellAMissingDeviceFromAWrongNameAndAFileThatCannotBeWritten) {
  EXPECT_TRUE(
      failed_with(velatura({"selftest", "--device", "cuda:99"}), 5, {"--device cuda:99", "CUDA"}));
  EXPECT_TRUE(failed_with(velatura({"selftest", "--device", "gpu"}), 2, {"gpu", "cuda:N"}));
  EXPECT_EQ(run({"-q", "--junit", "/dev/null/selftest.xml"}).exit_code, 6);
}

}  // namespace
}  // namespace velatura::testing
