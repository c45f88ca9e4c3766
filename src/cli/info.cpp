#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/model_location.h"
#include "cli/model_summary.h"
#include "cli/options.h"
#include "image/read_metadata.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {
namespace {

struct InfoOptions {
  std::string path;
  weights::OpenOptions weights;
  bool json = false;
};

bool is_picture(const std::filesystem::path& path) {
  try {
    image_format(path);
  } catch (const UsageError&) {
    return false;
  }
  return !std::filesystem::is_directory(path);
}

// File names and other programs' texts need not be UTF-8, JSON must be.
void print(const nlohmann::ordered_json& object) {
  std::cout << object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

void describe_picture(const std::filesystem::path& path, bool json) {
  const Metadata metadata = read_metadata(path);
  if (json) {
    const auto receipt = nlohmann::ordered_json::parse(metadata.receipt, nullptr, false);
    const nlohmann::ordered_json object = {
        {"path", path.string()},
        {"parameters", metadata.parameters},
        {"receipt", receipt.is_discarded() ? nlohmann::ordered_json() : receipt}};
    print(object);
    return;
  }
  if (metadata.parameters.empty() && metadata.receipt.empty()) {
    std::cout << path.string() << " says nothing about how it was made\n";
    return;
  }
  if (!metadata.parameters.empty()) std::cout << metadata.parameters << "\n";
  if (!metadata.receipt.empty()) std::cout << "\nReceipt: " << metadata.receipt << "\n";
}

void describe_model(const InfoOptions& options) {
  const ModelSummary summary = summarise_model(locate_model(options.path), options.weights);
  if (options.json) {
    print(to_json(summary));
  } else {
    std::cout << to_text(summary);
  }
  for (const std::string& warning : summary.warnings) {
    std::cerr << "velatura: warning: " << warning << "\n";
  }
}

}  // namespace

Command add_info(CLI::App& program) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = program.add_subcommand("info", "Say what a model or picture file is");
  add_option(*command, "Input", "path,-m,--model", options->path,
             "A model, as txt2img takes it, or a picture (png, jpg, webp)")
      ->type_name("MODEL|PICTURE")
      ->default_str("$VELATURA_MODEL, else demo");
  add_option(*command, "Input", "--variant", options->weights.variant,
             "Variant of a folder's weight files, such as fp16")
      ->type_name("NAME")
      ->default_str("none");
  add_flag(*command, "Input", "--ema", options->weights.ema,
           "Take the UNet's EMA weights, from a single file that has them");
  add_flag(*command, "Output", "--json", options->json, "Print one JSON object");
  command->footer("Only configs and headers are read, no weights.");
  return {command, [options] {
            if (is_picture(options->path)) return describe_picture(options->path, options->json);
            describe_model(*options);
          }};
}

}  // namespace velatura::cli
