#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "cli/command.h"
#include "cli/field_options.h"
#include "cli/options.h"
#include "cli/report/selftest_json.h"
#include "cli/report/selftest_junit.h"
#include "cli/report/selftest_text.h"
#include "core/atomic_file.h"
#include "core/device.h"
#include "core/tf32.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

struct SelftestOptions {
  std::string device = "auto";
  std::filesystem::path junit;
  bool json = false;
  bool quiet = false;
};

std::size_t longest_name(std::span<const selftest::Check> checks) {
  std::size_t longest = 0;
  for (const auto& check : checks) longest = std::max(longest, check.name.size());
  return longest;
}

// Each line appears when its check is done.
selftest::Report run_checks(const SelftestOptions& options) {
  const at::Device device = choose_placement(options.device, DType::automatic).device;
  const auto checks = selftest::all_checks();
  const std::size_t width = longest_name(checks);
  selftest::Report report{device.str(), {}};
  for (const auto& check : checks) {
    const auto& row = report.rows.emplace_back(selftest::run_check(check, device));
    const bool shown = !options.quiet || row.finding.outcome == selftest::Outcome::failed;
    if (shown && !options.json) std::cout << to_text(row, width) << std::endl;
  }
  return report;
}

void selftest_command(const SelftestOptions& options) {
  allow_tf32(false);  // as pictures are made unless --tf32 is given
  const selftest::Report report = run_checks(options);
  if (options.json) {
    std::cout << to_json(report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace)
              << "\n";
  } else if (!options.quiet) {
    std::cout << summary_text(report) << "\n";
  }
  if (!options.junit.empty()) {
    const std::string xml = to_junit(report);
    write_file_atomically(options.junit, std::as_bytes(std::span(xml)));
  }
  if (const auto failures = report.count(selftest::Outcome::failed); failures > 0) {
    throw Error(ErrorKind::internal, "selftest: " + std::to_string(failures) + " of " +
                                         std::to_string(report.rows.size()) + " checks failed");
  }
}

}  // namespace

Command add_selftest(CLI::App& program) {
  auto options = std::make_shared<SelftestOptions>();
  CLI::App* command = program.add_subcommand("selftest", "Check the machine and this build");
  add_device_option(*command, options->device);
  add_option(*command, "Output", "--junit", options->junit,
             "Also write the outcome as JUnit XML, for CI systems")
      ->type_name("FILE")
      ->default_str("none");
  add_flag(*command, "Output", "--json", options->json, "Print one JSON object");
  add_flag(*command, "Output", "-q,--quiet", options->quiet, "Print failures only");
  add_config_options(*command);
  command->footer(
      "Needs no model and takes seconds. Small networks with made-up weights are run in every\n"
      "number type and compared with the CPU's float32.\n\n"
      "Exit codes: 0 nothing failed, 1 a check failed, 5 the device is not there.");
  return {command, [options] { selftest_command(*options); }};
}

}  // namespace velatura::cli
