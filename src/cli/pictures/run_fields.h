#pragma once

#include <span>

#include "cli/pictures/picture_options.h"
#include "request/field.h"

namespace velatura::cli {

/// Options of picture commands that are the command line's own. Each visits those of one part of
/// help, in its order.

/// Model and VAE by the names they are given, and where else these are looked for.
void each_weight_field(PictureOptions& options, const request::Visit& visit);
void each_machine_field(PictureOptions& options, const request::Visit& visit);
/// Where pictures go.
void each_output_field(PictureOptions& options, const request::Visit& visit);
/// What is written beside the pictures, and how it is shown and said.
void each_extra_file_field(PictureOptions& options, const request::Visit& visit);
void each_report_field(PictureOptions& options, const request::Visit& visit);
/// Of depth to image alone.
void each_depth_field(PictureOptions& options, const request::Visit& visit);

/// --models-dir, for commands that take a model.
request::Field models_folder_field();

/// Further folders in which adapters are named, likewise.
void each_adapter_folder_field(ModelFolders& folders, const request::Visit& visit);

/// Which config files are read; they cannot say that themselves.
request::Field config_field();
request::Field no_config_field();
bool is_of_config(const request::Field& field);

/// --help, which CLI11 reads.
request::Field help_field();

}  // namespace velatura::cli
