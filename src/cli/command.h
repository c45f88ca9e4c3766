#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>

namespace velatura::cli {

/// One subcommand: its options, and what it does once they have been read.
struct Command {
  CLI::App* options;
  std::function<void()> run;
};

/// Each declares its subcommand on the program.
Command add_batch(CLI::App& program);
Command add_convert(CLI::App& program);
Command add_info(CLI::App& program);
Command add_replay(CLI::App& program);
Command add_verify(CLI::App& program);
Command add_samplers(CLI::App& program);
Command add_selftest(CLI::App& program);
Command add_completion(CLI::App& program);
Command add_man(CLI::App& program);
Command add_help(CLI::App& program);

}  // namespace velatura::cli
