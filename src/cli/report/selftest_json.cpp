#include "cli/report/selftest_json.h"

#include "core/version.h"

namespace velatura::cli {

nlohmann::ordered_json to_json(const selftest::Report& report) {
  using selftest::Outcome;
  auto checks = nlohmann::ordered_json::array();
  for (const selftest::Row& row : report.rows) {
    checks.push_back({{"name", row.name},
                      {"outcome", selftest::name_of(row.finding.outcome)},
                      {"seconds", row.seconds},
                      {"detail", row.finding.detail}});
  }
  return {{"version", version()},
          {"device", report.device},
          {"passed", report.count(Outcome::passed)},
          {"failed", report.count(Outcome::failed)},
          {"skipped", report.count(Outcome::skipped)},
          {"seconds", report.seconds()},
          {"checks", checks}};
}

}  // namespace velatura::cli
