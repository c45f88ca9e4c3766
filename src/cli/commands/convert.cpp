#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/command.h"
#include "cli/commands/convert_options.h"
#include "cli/field_options.h"
#include "cli/report/progress_report.h"
#include "core/staged_output.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConvertFooter = R"(Examples:
  velatura convert sd15.safetensors -o sd15/
  velatura convert sd15/ -o sd15-fp16.safetensors --dtype float16
  velatura convert sd15/ -o sd15-fp16/ --dtype float16 --max-shard-size 1GB
  velatura convert vae.pt -o vae.safetensors --to safetensors

The output appears under its name when it is complete; a run that was stopped is
simply run again. What a folder or file holds beyond the model (EMA weights, a
safety checker, …) is left out and named.)";

// @throws UsageError if it is there and may not be replaced
void check_replaceable(const fs::path& output, ModelLayout layout, bool force) {
  if (!fs::exists(output)) return;
  if (!force) throw UsageError(output.string() + " is there already: --force replaces it");
  const bool folder = fs::is_directory(output);
  if (folder != (layout == ModelLayout::diffusers)) {
    throw UsageError(output.string() + " is a " + (folder ? "folder" : "file") +
                     ", which --force does not replace by the other");
  }
  if (folder && !fs::is_empty(output) && !fs::exists(output / "model_index.json")) {
    throw UsageError(output.string() +
                     " is a folder without a model in it, which --force does not "
                     "replace");
  }
}

void check_space(const fs::path& folder, std::uint64_t bytes) {
  std::error_code failed;
  const fs::space_info space = fs::space(folder, failed);
  if (failed || space.available >= bytes) return;
  throw OutputError(folder.string() + ": " + std::to_string(bytes / 1'000'000) +
                    " MB are needed there, " + std::to_string(space.available / 1'000'000) +
                    " MB are free");
}

nlohmann::ordered_json files_of(const fs::path& output) {
  auto files = nlohmann::ordered_json::array();
  const auto add = [&](const fs::path& file) {
    files.push_back({{"path", file.string()}, {"bytes", fs::file_size(file)}});
  };
  if (fs::is_regular_file(output)) {
    add(output);
    return files;
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(output)) {
    if (entry.is_regular_file()) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  for (const fs::path& file : found) add(file);
  return files;
}

void convert(const ConvertOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const ModelLayout layout = settle_layout(options);
  const fs::path output = options.output;
  check_replaceable(output, layout, options.force);
  const InterruptGuard interrupt;
  ProgressReport report(progress_style(!options.quiet && !options.no_progress),
                        options.quiet ? Verbosity::quiet : Verbosity::normal, 1, interrupt);

  const conversion::Conversion conversion = located_conversion(options, layout);
  if (options.vae.empty() && !conversion.weights.vae.empty()) {
    report.say("using the VAE beside the model, " + conversion.weights.vae.string());
  }
  const auto writing = conversion::plan_writing(conversion, report);
  int done = 0;
  const auto on_written = [&] {
    report.on_progress({.stage = Stage::write_model, .done = ++done, .total = writing.tensors});
    if (report.cancelled()) throw Interrupted();
  };
  StagedOutput staged(output);
  check_replaceable(output, layout, options.force);  // another run may have been first
  check_space(staged.path().parent_path(), writing.bytes);
  writing.write(staged.path(), on_written);
  staged.commit();

  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!options.json) {
    std::cout << output.string() << "\n";
    return;
  }
  const nlohmann::ordered_json object = {
      {"output", output.string()},  {"layout", name_of(layout)}, {"model", writing.description},
      {"tensors", writing.tensors}, {"bytes", writing.bytes},    {"dtypes", writing.dtypes},
      {"files", files_of(output)},  {"seconds", seconds}};
  std::cout << object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
            << "\n";
}

}  // namespace

Command add_convert(CLI::App& program) {
  auto options = std::make_shared<ConvertOptions>();
  CLI::App* command = program.add_subcommand(
      "convert", "Rewrite a model in another layout, number type or number of files");
  add_convert_options(*command, *options);
  add_config_options(*command);
  command->footer(kConvertFooter);
  return {command, [options] { convert(*options); }};
}

}  // namespace velatura::cli
