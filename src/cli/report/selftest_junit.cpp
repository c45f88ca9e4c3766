#include "cli/report/selftest_junit.h"

#include <string_view>

#include "core/text.h"

namespace velatura::cli {
namespace {

bool is_xml_character(char32_t c) {
  return c >= 0x20 ? c != 0xFFFE && c != 0xFFFF : c == '\t' || c == '\n' || c == '\r';
}

void append_escaped(std::string& xml, char32_t c) {
  switch (c) {
    case '&':
      xml += "&amp;";
      break;
    case '<':
      xml += "&lt;";
      break;
    case '>':
      xml += "&gt;";
      break;
    case '"':
      xml += "&quot;";
      break;
    case '\t':
    case '\n':
    case '\r':  // as they are, they would be read as spaces
      xml += "&#" + std::to_string(static_cast<unsigned>(c)) + ";";
      break;
    default:
      append_utf8(xml, is_xml_character(c) ? c : 0xFFFD);
  }
}

std::string attribute(const std::string& name, std::string_view value) {
  std::string xml = " " + name + "=\"";
  for (std::size_t i = 0; i < value.size();) {
    const auto c = next_code_point(value, i);
    if (!c) ++i;
    append_escaped(xml, c.value_or(0xFFFD));
  }
  return xml + "\"";
}

std::string attribute(const std::string& name, std::size_t value) {
  return attribute(name, std::to_string(value));
}

std::string attribute(const std::string& name, double value) {
  return attribute(name, std::to_string(value));
}

std::string outcome_element(const selftest::Finding& finding) {
  switch (finding.outcome) {
    case selftest::Outcome::failed:
      return "<failure" + attribute("message", finding.detail) + "/>";
    case selftest::Outcome::skipped:
      return "<skipped" + attribute("message", finding.detail) + "/>";
    case selftest::Outcome::passed:
      break;
  }
  return "<properties><property" + attribute("name", "detail") +
         attribute("value", finding.detail) + "/></properties>";
}

}  // namespace

std::string to_junit(const selftest::Report& report) {
  using selftest::Outcome;
  const std::string totals =
      attribute("tests", report.rows.size()) +
      attribute("failures", report.count(Outcome::failed)) + attribute("errors", std::size_t{0}) +
      attribute("skipped", report.count(Outcome::skipped)) + attribute("time", report.seconds());
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    attribute("name", "velatura") + totals + ">\n  <testsuite" +
                    attribute("name", "selftest on " + report.device) + totals + ">\n";
  for (const selftest::Row& row : report.rows) {
    xml += "    <testcase" + attribute("classname", "selftest." + report.device) +
           attribute("name", row.name) + attribute("time", row.seconds) + ">" +
           outcome_element(row.finding) + "</testcase>\n";
  }
  return xml + "  </testsuite>\n</testsuites>\n";
}

}  // namespace velatura::cli
