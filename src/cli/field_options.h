#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/pictures/draft.h"
#include "request/asked.h"

namespace velatura::cli {

/// How an option of a field is declared.
struct OptionStyle {
  std::string shown_default;  ///< what help says it is otherwise
  bool positional = false;    ///< the name may be left out
  bool checked = true;        ///< every text that is given; else none is, which `take` will do
};

/// What help calls the default of one of the draft's slots.
std::string shown_default(const request::Slot& slot, const Draft& draft);

/// Declares a field's option, under all its names. Its texts go to `take`.
CLI::Option* add_field_option(CLI::App& command, const request::Slot& slot,
                              const request::TextSink& take, const OptionStyle& style);

/// The same for a field whose text says its value, which must outlive the command.
CLI::Option* add_field_option(CLI::App& command, const request::Slot& slot);

/// Declares every option of a picture command. What is given goes into the draft.
void add_draft_options(CLI::App& command, const std::shared_ptr<Draft>& draft);

/// Those that a batch has, too.
void add_report_options(CLI::App& command, PictureOptions& options);
void add_machine_options(CLI::App& command, PictureOptions& options);

/// --config and --no-config, which are among the machine options, for commands without these.
void add_config_options(CLI::App& command);

}  // namespace velatura::cli
