#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/program.h"
#include "support/fixture_models.h"
#include "support/run_program.h"

namespace velatura::testing {

/// A model of random weights, 32×32 pixels, 4 latent channels of 16×16.
inline const std::string kTinyModel = kModels + "tiny";

/// The program, without a start of its own.
inline Outcome run_velatura(const Child& child) {
  return run_program(cli::run, child);
}

inline Outcome velatura(const std::vector<std::string>& arguments) {
  return run_velatura({.arguments = arguments});
}

/// `txt2img` with the tiny model, two steps and a fixed seed, and whatever else is given.
inline Child tiny_run(const std::vector<std::string>& more) {
  Child run{.arguments = {"txt2img", "a red circle", "-m", kTinyModel, "--steps", "2", "--seed",
                          "5", "--device", "cpu", "--threads", "1"}};
  run.arguments.insert(run.arguments.end(), more.begin(), more.end());
  return run;
}

/// Lets a run redraw its progress at once; into a pipe it says nothing at first.
inline Child on_terminal(Child run) {
  run.terminal = true;
  run.environment["TERM"] = "xterm";
  run.environment["NO_COLOR"] = "";
  return run;
}

inline Outcome tiny(const std::vector<std::string>& more) {
  return run_velatura(tiny_run(more));
}

/// An option as it may stand in a test's name: only letters and digits stay.
inline std::string in_test_name(std::string option) {
  for (char& c : option) {
    if (c <= 0 || !std::isalnum(c)) c = '-';
  }
  return option;
}

/// It ended with that code, one line on stderr, for people or JSON, that holds all of `parts`, and
/// nothing on stdout.
inline ::testing::AssertionResult failed_with(const Outcome& outcome, int exit_code,
                                              const std::vector<std::string>& parts) {
  const auto failure = ::testing::AssertionFailure()
                       << "exit code " << outcome.exit_code << ", stdout '" << outcome.out
                       << "', stderr '" << outcome.err << "'";
  if (outcome.exit_code != exit_code || !outcome.out.empty()) return failure;
  const bool said =
      outcome.err.starts_with("velatura: ") || outcome.err.starts_with("{\"error\":");  // --json
  if (lines(outcome.err).size() != 1 || !said) return failure;
  for (const std::string& part : parts) {
    if (outcome.err.find(part) == std::string::npos) return failure;
  }
  return ::testing::AssertionSuccess();
}

inline ::testing::AssertionResult succeeded(const Outcome& outcome) {
  if (outcome.exit_code == 0) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "exit code " << outcome.exit_code << ": " << outcome.err;
}

}  // namespace velatura::testing
