#include "cli/pictures/run_fields.h"

#include <algorithm>
#include <array>

#include "request/fields.h"
#include "request/words.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using request::Field;
using request::Group;
using request::Place;
using request::Recorded;
using request::Scope;

constexpr std::array<std::string_view, 6> kShows{"auto",  "kitty",  "iterm2",
                                                 "sixel", "blocks", "off"};
constexpr std::array<std::optional<terminal::Protocol>, kShows.size()> kProtocols{
    std::nullopt,
    terminal::Protocol::kitty,
    terminal::Protocol::iterm2,
    terminal::Protocol::sixel,
    terminal::Protocol::half_blocks,
    terminal::Protocol::none};

std::optional<terminal::Protocol> parse_show(const std::string& text) {
  if (text == "true") return std::nullopt;  // the option alone
  const auto found = std::ranges::find(kShows, text);
  if (found == kShows.end()) {
    throw UsageError(
        "show " + text + ": expected " + request::either({kShows.begin(), kShows.end()}), {"show"});
  }
  return kProtocols[static_cast<std::size_t>(found - kShows.begin())];
}

Field for_the_run(Field field) {
  field.scope = Scope::run;
  field.recorded = Recorded::never;
  return field;
}

}  // namespace

Field models_folder_field() {
  return for_the_run({.name = "models-dir",
                      .group = Group::model,
                      .unit = "FOLDER",
                      .help =
                          "A web UI's models folder, whose Stable-diffusion and VAE hold models "
                          "to be named without their path",
                      .shown_default = "$VELATURA_MODELS, else none"});
}

void each_adapter_folder_field(ModelFolders& folders, const request::Visit& visit) {
  visit(for_the_run({.name = "lora-dir",
                     .group = Group::adapters,
                     .unit = "FOLDER",
                     .help = "Where LoRAs are that are named without their path",
                     .shown_default = "Lora in --models-dir"}),
        &folders.lora);
  visit(for_the_run({.name = "embeddings-dir",
                     .group = Group::adapters,
                     .unit = "FOLDER",
                     .help = "Embeddings in this folder are words of the prompt by their files' "
                             "names",
                     .shown_default = "embeddings in --models-dir"}),
        &folders.embeddings);
}

Field config_field() {
  return for_the_run({.name = "config",
                      .group = Group::machine,
                      .unit = "FILE",
                      .help = "Read options from a TOML file; the command line wins (see 'velatura "
                              "help config')"});
}

Field no_config_field() {
  return for_the_run({.name = "no-config",
                      .group = Group::machine,
                      .help = "Leave out your own config file, "
                              "$XDG_CONFIG_HOME/velatura/config.toml"});
}

bool is_of_config(const Field& field) {
  return field.name == config_field().name || field.name == no_config_field().name;
}

Field help_field() {
  return for_the_run({.name = "help", .letter = 'h'});
}

void each_weight_field(PictureOptions& options, const request::Visit& visit) {
  request::each_field(options.machine, [&](const Field& field, const Place& place) {
    if (field.group != Group::model) return;
    visit(field, field.name == "model" ? Place(&options.model)
                 : field.name == "vae" ? Place(&options.vae)
                                       : place);
    if (field.name == "variant") visit(models_folder_field(), &options.folders.models);
  });
}

void each_machine_field(PictureOptions& options, const request::Visit& visit) {
  request::each_field(options.machine, [&](const Field& field, const Place& place) {
    if (field.group != Group::model) visit(field, place);
  });
  visit(for_the_run({.name = "force",
                     .group = Group::machine,
                     .help = "Begin even if memory does not seem to be enough"}),
        &options.force);
  visit(config_field(), {});
  visit(no_config_field(), {});
}

void each_output_field(PictureOptions& options, const request::Visit& visit) {
  visit({.name = "output",
         .letter = 'o',
         .unit = "PATH",
         .help = "File (png, jpg or webp; replaced if it exists; several pictures get the next "
                 "free numbers), FOLDER/, a name made with {seq} (the next free number), {seed}, "
                 "{index}, {date}, {prompt} and widths as in {seq:05}, or '-' for a PNG on "
                 "standard output",
         .scope = Scope::series,
         .recorded = Recorded::never},
        &options.output);
  visit(for_the_run({.name = "overwrite",
                     .help = "Replace files also where -o does not name them in full, instead of "
                             "giving new ones the next free name"}),
        &options.overwrite);
}

void each_extra_file_field(PictureOptions& options, const request::Visit& visit) {
  visit(for_the_run({.name = "latents-out",
                     .unit = "FILE",
                     .help = "Write the final latents of all pictures to this .safetensors file"}),
        &options.latents_out);
  visit(for_the_run({.name = "image-embeds-out",
                     .unit = "FILE",
                     .help = "Kandinsky: write what the pictures were drawn from to this "
                             ".safetensors file, for --image-embeds-in"}),
        &options.image_embeds_out);
  visit(for_the_run({.name = "save-control",
                     .unit = "FILE",
                     .help = "Write what --control-preprocess made of the control picture to this "
                             "file; of several NAME-0, NAME-1, …"}),
        &options.save_control);
  visit(for_the_run({.name = "grid",
                     .help = "Write several pictures (at most 100) also on one sheet, "
                             "grid-SEED.png beside them"}),
        &options.grid);
}

void each_report_field(PictureOptions& options, const request::Visit& visit) {
  visit(for_the_run({.name = "show",
                     .unit = "NAME",
                     .help = "Show each finished picture on the terminal, drawn in its best way or "
                             "as NAME says",
                     .shown_default = "auto",
                     .words = kShows,
                     .value_optional = true}),
        [&options](const std::string& text) { options.show = parse_show(text); });
  visit(for_the_run({.name = "no-metadata",
                     .help = "Write nothing into pictures but their pixels: no parameters, no "
                             "receipt, no mark of machine-made pictures"}),
        &options.no_metadata);
  visit(
      for_the_run({.name = "json", .help = "Print one JSON object a picture instead of its path"}),
      &options.json);
  visit(for_the_run({.name = "quiet", .letter = 'q', .help = "Say nothing but errors"}),
        &options.quiet);
  visit(for_the_run({.name = "verbose", .letter = 'v', .help = "Say more"}), &options.verbose);
  visit(for_the_run({.name = "no-progress", .help = "Show no progress"}), &options.no_progress);
}

void each_depth_field(PictureOptions& options, const request::Visit& visit) {
  visit(
      for_the_run({.name = "save-depth",
                   .group = Group::size,
                   .unit = "FILE",
                   .help = "Write the depth map that was used to this file, a PNG with 16 bits of "
                           "grey"}),
      &options.save_depth);
}

}  // namespace velatura::cli
