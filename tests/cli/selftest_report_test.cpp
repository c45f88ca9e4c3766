#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/report/selftest_json.h"
#include "cli/report/selftest_junit.h"
#include "cli/report/selftest_text.h"

namespace velatura::cli {
namespace {

using selftest::Report;
using ::testing::HasSubstr;

Report report_of(const selftest::Finding& finding) {
  return {"cuda:0", {{"a check", finding, 0.25}}};
}

TEST(SelftestText, PutsOutcomeSecondsNameAndDetailIntoColumns) {
  const Report report = report_of(selftest::failed("wrong"));
  EXPECT_EQ(to_text(report.rows[0], 9), "failed    0.25 s  a check    wrong");
  EXPECT_EQ(summary_text(report), "0 passed, 1 failed in 0.25 s");
}

TEST(SelftestJson, HasEveryCheckAndTheTotals) {
  const auto json = to_json(report_of(selftest::skipped("not here")));
  EXPECT_EQ(json.at("device"), "cuda:0");
  EXPECT_EQ(json.at("skipped"), 1);
  EXPECT_EQ(json.at("passed"), 0);
  EXPECT_EQ(json.at("checks").dump(),
            R"([{"name":"a check","outcome":"skipped","seconds":0.25,"detail":"not here"}])");
}

TEST(SelftestJUnit, HasACaseForEachCheck) {
  EXPECT_EQ(to_junit(report_of(selftest::skipped("not here"))),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"velatura\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\" "
            "time=\"0.250000\">\n"
            "  <testsuite name=\"selftest on cuda:0\" tests=\"1\" failures=\"0\" errors=\"0\" "
            "skipped=\"1\" time=\"0.250000\">\n"
            "    <testcase classname=\"selftest.cuda:0\" name=\"a check\" time=\"0.250000\">"
            "<skipped message=\"not here\"/></testcase>\n"
            "  </testsuite>\n"
            "</testsuites>\n");
}

TEST(SelftestJUnit, EscapesWhatXmlCannotHold) {
  const std::string xml =
      to_junit(report_of(selftest::failed("a < b && \"c\" > d\ttab\x01 \xFF 猫 \xEF\xBF\xBF")));
  EXPECT_THAT(xml, HasSubstr("<failure message=\"a &lt; b &amp;&amp; &quot;c&quot; &gt; "
                             "d&#9;tab\xEF\xBF\xBD \xEF\xBF\xBD 猫 \xEF\xBF\xBD\"/>"));
}

}  // namespace
}  // namespace velatura::cli
