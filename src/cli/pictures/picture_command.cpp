#include "cli/pictures/picture_command.h"
#include "cli/adapter_location.h"

#include <memory>
#include <utility>

#include "cli/field_options.h"
#include "cli/pictures/draft.h"
#include "cli/pictures/file_inputs.h"
#include "cli/report/warnings.h"

namespace velatura::cli {

PictureCommand add_picture_command(CLI::App& program, const PictureTask& task) {
  const auto draft = std::make_shared<Draft>(draft_of(task.name));
  CLI::App* command = program.add_subcommand(task.name, task.description);
  add_draft_options(*command, draft);
  command->footer(task.footer);
  return {command, [draft] {
            PrintedWarnings warnings(draft->options.verbosity());
            StdinInputs inputs(common(draft->request).prompt == "-", &warnings);
            PictureJob job = job_of(std::move(*draft), inputs);
            locate_adapters(job);
            return job;
          }};
}

}  // namespace velatura::cli
