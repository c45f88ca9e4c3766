#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/field_options.h"
#include "cli/options.h"
#include "cli/report/info_json.h"
#include "cli/report/info_text.h"
#include "cli/report/warnings.h"
#include "core/config_object.h"
#include "image/picture_kind.h"
#include "image/read_metadata.h"
#include "inspection/model_summary.h"
#include "recipe/recipe.h"
#include "velatura/error.h"
#include "velatura/image.h"
#include "weights/layouts/control_files.h"
#include "weights/locate/model_location.h"

namespace velatura::cli {
namespace {

struct InfoOptions {
  std::string path;
  std::string models_folder;
  inspection::Asked asked;
  bool json = false;
};

// By its content, or its name where the content is something else or not there.
bool is_picture(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return false;
  std::string head(16, '\0');
  std::ifstream(path, std::ios::binary)
      .read(head.data(), static_cast<std::streamsize>(head.size()));
  try {
    recognise_picture(as_byte_view(head), path.string());
    return true;
  } catch (const InputError&) {
    return has_picture_name(path);
  }
}

// File names and other programs' texts need not be UTF-8, JSON must be.
void print(const nlohmann::ordered_json& object) {
  std::cout << object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

// Null if there is none, or what is there is not JSON, or nested too deep to be shown.
nlohmann::ordered_json receipt_of(const Metadata& metadata, const std::filesystem::path& path) {
  try {
    parse_json(metadata.receipt, path.string());
    return nlohmann::ordered_json::parse(metadata.receipt);
  } catch (const InputError&) {
    return nullptr;
  }
}

void describe_picture(const std::filesystem::path& path, bool json) {
  const PictureTexts texts = read_picture_texts(path);
  const Metadata metadata = metadata_of(texts);
  const recipe::Recipe recipe = recipe::recipe_of(texts);
  if (json) {
    print({{"path", path.string()},
           {"parameters", metadata.parameters},
           {"receipt", receipt_of(metadata, path)},
           {"recipe", to_json(recipe)}});
    return;
  }
  const std::string recipe_text = to_text(recipe);
  if (metadata.parameters.empty() && recipe_text.empty()) {
    std::cout << path.string() << ": " << recipe::kSaysNothing << "\n";
    return;
  }
  if (!metadata.parameters.empty()) std::cout << metadata.parameters << "\n";
  if (!recipe_text.empty()) std::cout << "\nAs velatura's options:\n" << recipe_text;
}

void show(const auto& summary, bool json) {
  if (json) {
    print(to_json(summary));
  } else {
    std::cout << to_text(summary);
  }
}

void describe_model(const InfoOptions& options) {
  const auto path =
      weights::locate_model({.model = options.path, .models_folder = options.models_folder});
  try {
    const auto summary = inspection::summarise_model(path, options.asked);
    show(summary, options.json);
    for (const std::string& warning : summary.warnings) {
      print_warning(warning);
    }
  } catch (const InputError& error) {
    if (std::filesystem::is_directory(path) && !weights::is_control_folder(path)) throw;
    // No model, but perhaps a LoRA, a part of one, or weights of another kind.
    show(inspection::summarise_file(path, error.what(), options.asked.hash), options.json);
  }
}

}  // namespace

Command add_info(CLI::App& program) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App* command = program.add_subcommand("info", "Say what a model, weight file or picture is");
  add_option(*command, "Input", "path,-m,--model", options->path,
             "A model, as txt2img takes it, another weight file, or a picture")
      ->type_name("MODEL|PICTURE")
      ->default_str("$VELATURA_MODEL, else demo");
  add_models_folder_option(*command, options->models_folder);
  add_option(*command, "Model", "--variant", options->asked.weights.variant,
             "Variant of a folder's weight files, such as fp16")
      ->type_name("NAME")
      ->default_str("none");
  add_flag(*command, "Model", "--ema", options->asked.weights.ema,
           "Take the UNet's EMA weights, from a single file that has them");
  add_flag(*command, "Output", "--hash", options->asked.hash,
           "Work out SHA-256 where it is not known yet, which reads whole files");
  add_flag(*command, "Output", "--json", options->json, "Print one JSON object");
  add_config_options(*command);
  command->footer("Without --hash only configs and headers are read, no weights.");
  return {command, [options] {
            if (is_picture(options->path)) return describe_picture(options->path, options->json);
            describe_model(*options);
          }};
}

}  // namespace velatura::cli
