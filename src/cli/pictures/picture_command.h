#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/pictures/picture_job.h"
#include "cli/pictures/picture_tasks.h"

namespace velatura::cli {

/// A command that makes pictures: its options, and the job they ask for once they have been read.
struct PictureCommand {
  CLI::App* options;
  std::function<PictureJob()> job;  ///< reads input pictures. @throws UsageError, InputError
};

/// Declares the task's subcommand on the program.
PictureCommand add_picture_command(CLI::App& program, const PictureTask& task);

}  // namespace velatura::cli
