#pragma once

#include <optional>
#include <string>

#include "terminal/protocol.h"
#include "velatura/generator.h"

namespace velatura::cli {

enum class Verbosity { quiet, normal, verbose };

/// Where models are found by name.
struct ModelFolders {
  std::string models;      ///< of a web UI; empty: $VELATURA_MODELS
  std::string lora;        ///< empty: in `models`
  std::string embeddings;  ///< likewise
};

/// What the options say that every command making pictures has, beside the request itself. The
/// values set here are the defaults that help shows.
struct PictureOptions {
  ModelOptions machine;
  std::string model;             ///< as given; see locate_model
  std::string bundled = "demo";  ///< the bundled model that is taken otherwise
  std::string vae;               ///< as given; see locate_vae
  ModelFolders folders;
  std::string output = "outputs/{seq:05}-{seed}.png";
  std::string latents_out;
  std::string image_embeds_out;
  std::string save_depth;    ///< depth to image
  std::string save_control;  ///< what controls were shown
  bool overwrite = false;    ///< files that are there are replaced, whoever named them
  bool grid = false;
  /// Shows pictures on the terminal; empty: in the best way that it has.
  std::optional<terminal::Protocol> show = terminal::Protocol::none;
  bool json = false;
  bool no_metadata = false;
  bool quiet = false;
  bool verbose = false;
  bool no_progress = false;
  bool force = false;  ///< begin also where memory does not seem to be enough

  Verbosity verbosity() const;  ///< @throws UsageError for quiet and verbose
};

}  // namespace velatura::cli
