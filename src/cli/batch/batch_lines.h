#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "batch/job_file.h"
#include "batch/plan.h"
#include "cli/batch/batch_options.h"
#include "cli/pictures/file_inputs.h"
#include "cli/pictures/picture_job.h"

namespace velatura::cli {

/// The lines of a job file that can be made, and why the others cannot.
struct CheckedLines {
  std::string name;  ///< of the batch, after its file: "prompts"; "stdin-0a1b2c3d" for '-'
  std::vector<batch::JobLine> jobs = {};
  std::vector<batch::Line> lines = {};  ///< of the same jobs, for the plan
  std::vector<batch::LineError> errors;
  std::shared_ptr<FileInputs> inputs;  ///< the pictures that lines begin with
};

/// Reads the job file and checks every line as far as that can be done without weights: settings,
/// pictures, names, prompts, and what its model can make.
/// @param observer  is warned of pictures as they are read, now and later; null: nobody; must
///                  outlive the lines
/// @throws InputError if the file cannot be read, UsageError for a default that no line could have
CheckedLines check_lines(const BatchOptions& options, Observer* observer = nullptr);

/// The picture of a line's job: one picture with the given seed.
/// @param index  of the picture in its line
PictureJob picture_job(const BatchOptions& options, const batch::JobLine& job, int index,
                       std::uint64_t seed, FileInputs& inputs);

/// Everything that the pictures of a line are made from, by option: its model, a VAE, and what its
/// settings name. @throws InputError
std::multimap<std::string, std::string> files_of(const BatchOptions& options,
                                                 const batch::JobLine& job,
                                                 const PictureJob& picture);

}  // namespace velatura::cli
