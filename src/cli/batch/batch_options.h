#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "batch/settings.h"
#include "cli/pictures/picture_options.h"

namespace velatura::cli {

/// What `velatura batch` is told.
struct BatchOptions {
  std::string from_file;
  std::string output;  ///< name with fields; empty: see output_of()
  std::string shard;
  std::string events;
  int batch_size = 1;
  bool keep_going = false;
  bool fail_fast = false;
  bool dry_run = false;
  bool overwrite = false;
  PictureOptions run;        ///< of these: machine, folders and what a run reports
  batch::Settings defaults;  ///< options of picture commands, for all lines
};

/// Declares them, and every option of the picture commands that can differ from line to line.
void add_batch_options(CLI::App& command, BatchOptions& options);

/// The job file's name: "prompts"; "stdin" for '-'.
std::string file_name(const BatchOptions& options);

/// Where the pictures go: `output`, else `outputs/FILE/{seq:05}-{seed}.png`.
std::string output_of(const BatchOptions& options);

}  // namespace velatura::cli
