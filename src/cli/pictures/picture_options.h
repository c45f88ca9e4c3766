#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "terminal/protocol.h"
#include "velatura/generator.h"
#include "velatura/request.h"

namespace velatura::cli {

enum class Verbosity { quiet, normal, verbose };

/// What the options say that every command making pictures has, beside the request itself. The
/// values set here are the defaults that help shows.
struct PictureOptions {
  ModelOptions machine;
  std::string model;                 ///< as given; see locate_model
  std::string bundled = "demo";      ///< the bundled model that is taken otherwise
  std::string vae;                   ///< as given; see locate_vae
  std::string models_folder;         ///< of a web UI; empty: $VELATURA_MODELS
  std::optional<std::int64_t> seed;  ///< absent or -1: random
  std::string output = "outputs/{seq:05}-{seed}.png";
  std::string latents_in;
  std::string latents_out;
  bool grid = false;
  /// Shows pictures on the terminal; empty: in the best way that it has.
  std::optional<terminal::Protocol> show = terminal::Protocol::none;
  bool json = false;
  bool no_metadata = false;
  bool quiet = false;
  bool verbose = false;
  bool no_progress = false;

  Verbosity verbosity() const;  ///< @throws UsageError for quiet and verbose
};

/// Declares them. The values in `request` are the defaults that help shows. Both must outlive the
/// command.
void add_picture_options(CLI::App& command, PictureOptions& options, PictureRequest& request);

/// Those of its parts that say how a run works, not what it makes.
void add_machine_options(CLI::App& command, PictureOptions& options);
void add_report_options(CLI::App& command, PictureOptions& options);
void add_batch_size_option(CLI::App& command, int& batch_size);

/// --width and --height, for commands that let them be chosen. @param own  what is taken where they
/// are not given
void add_size_options(CLI::App& command, std::optional<int>& width, std::optional<int>& height,
                      const std::string& own);

/// Reads what options only point at (a prompt on stdin, starting latents), checks what no single
/// option can, and draws the seed that was left open.
/// @throws UsageError, InputError
void settle(PictureOptions& options, PictureRequest& request);

}  // namespace velatura::cli
