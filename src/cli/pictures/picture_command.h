#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>

#include "cli/pictures/picture_job.h"

namespace velatura::cli {

/// A command that makes pictures: its options, and the job they ask for once they have been read.
struct PictureCommand {
  CLI::App* options;
  std::function<PictureJob()> job;  ///< reads input pictures. @throws UsageError, InputError
};

/// Each declares its subcommand on the program.
PictureCommand add_txt2img(CLI::App& program);
PictureCommand add_img2img(CLI::App& program);
PictureCommand add_inpaint(CLI::App& program);
PictureCommand add_depth2img(CLI::App& program);
PictureCommand add_upscale(CLI::App& program);

/// A task by the name of its command.
struct PictureTask {
  const char* name;
  PictureCommand (*add)(CLI::App& program);
};

/// All of them, in the order help shows them.
std::span<const PictureTask> picture_tasks();

}  // namespace velatura::cli
