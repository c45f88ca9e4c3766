#include "cli/commands/convert_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "cli/options.h"
#include "samplers/names.h"
#include "velatura/error.h"
#include "weights/locate/model_location.h"

namespace velatura::cli {
namespace {

constexpr auto kLayouts = std::to_array<Choice<ModelLayout>>({
    {"diffusers", ModelLayout::diffusers},
    {"original", ModelLayout::original},
    {"safetensors", ModelLayout::safetensors},
});

constexpr auto kStoredDTypes = std::to_array<Choice<at::ScalarType>>({
    {"float32", at::kFloat},
    {"float16", at::kHalf},
    {"bfloat16", at::kBFloat16},
});

void add_metadata(const std::string& text, std::map<std::string, std::string>& metadata) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string::npos) {
    throw UsageError("--metadata " + text + ": expected KEY=VALUE");
  }
  metadata[text.substr(0, equals)] = text.substr(equals + 1);
}

bool is_file_name(const std::string& output) {
  return output.ends_with(".safetensors");
}

}  // namespace

std::string_view name_of(ModelLayout layout) {
  return std::ranges::find(kLayouts, layout, &Choice<ModelLayout>::value)->name;
}

std::uint64_t parse_shard_size(const std::string& text) {
  struct Unit {
    std::string_view name;
    double bytes;
  };
  constexpr auto kUnits =
      std::to_array<Unit>({{"", 1}, {"B", 1}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}});
  double count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  for (const Unit& known : kUnits) {
    if (failed != std::errc() || unit != known.name) continue;
    const double bytes = count * known.bytes;
    if (bytes >= 1 && bytes < 1e18) return static_cast<std::uint64_t>(bytes);
  }
  throw UsageError("--max-shard-size " + text + ": expected a size such as 5GB or 300MB");
}

void add_convert_options(CLI::App& command, ConvertOptions& options) {
  add_option(command, "Input", "input,-m,--model", options.input,
             "A model, as txt2img takes it, or with --to safetensors any weight file")
      ->type_name("MODEL")
      ->required();
  add_models_folder_option(command, options.models_folder);
  add_option(command, "Input", "--variant", options.weights.variant,
             "Variant of a folder's weight files, such as fp16")
      ->type_name("NAME")
      ->default_str("none");
  add_flag(command, "Input", "--ema", options.weights.ema,
           "Take the UNet's EMA weights, from a single file that has them");
  add_option(command, "Input", "--vae", options.vae,
             "A VAE to take instead of the model's own: a file or folder")
      ->type_name("FILE")
      ->default_str("the model's own");
  add_parsed(
      command, "Input", "--prediction",
      [&options](const std::string& text) {
        options.prediction = samplers::parse_prediction(text);
      },
      "What the model's output means, where the model does not say it or says it wrongly")
      ->type_name("NAME")
      ->check(choices_of(samplers::predictions()))
      ->default_str("the model's own");

  add_option(command, "Output", "-o,--output", options.output,
             "A name that ends in .safetensors: a single file; any other: a diffusers folder")
      ->type_name("PATH")
      ->required();
  add_choice(
      command, "Output", "--to", kLayouts, options.to,
      "diffusers: a folder; original: a single file of a whole model; safetensors: the input's own "
      "tensors under their own names")
      ->type_name("LAYOUT")
      ->default_str("by the output's name");
  add_choice(command, "Output", "--dtype", kStoredDTypes, options.dtype, "Number type")
      ->type_name("NAME")
      ->default_str("as stored");
  add_parsed(
      command, "Output", "--max-shard-size",
      [&options](const std::string& text) { options.max_shard_size = parse_shard_size(text); },
      "Weights of a folder that are larger are split into several files")
      ->type_name("SIZE")
      ->default_str("5GB");
  command
      .add_option_function<std::vector<std::string>>(
          "--metadata",
          [&options](const std::vector<std::string>& texts) {
            for (const auto& text : texts) add_metadata(text, options.metadata);
          },
          "Text to keep in a single file; may be given several times")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->allow_extra_args(false)
      ->group("Output")
      ->type_name("KEY=VALUE");
  add_flag(command, "Output", "--force", options.force, "Replace an output that is there already");
  add_flag(command, "Output", "--json", options.json, "Print one JSON object about the output");
  add_flag(command, "Output", "-q,--quiet", options.quiet, "Say nothing but errors");
  add_flag(command, "Output", "--no-progress", options.no_progress, "Show no progress");
}

ModelLayout settle_layout(const ConvertOptions& options) {
  const bool file = is_file_name(options.output);
  const auto layout = options.to.value_or(file ? ModelLayout::original : ModelLayout::diffusers);
  const auto refuse = [&](const std::string& option, const std::string& reason) {
    throw UsageError(option + ": " + reason);
  };
  if (layout == ModelLayout::diffusers && file) {
    refuse("-o " + options.output, "a diffusers model is a folder, not a .safetensors file");
  }
  if (layout != ModelLayout::diffusers && !file) {
    refuse("-o " + options.output, "a single file's name must end in .safetensors");
  }
  if (layout != ModelLayout::diffusers && options.max_shard_size) {
    refuse("--max-shard-size", "a single file is not split");
  }
  if (layout == ModelLayout::diffusers && !options.metadata.empty()) {
    refuse("--metadata", "a diffusers folder has no place for it");
  }
  if (layout == ModelLayout::safetensors) {
    if (!options.vae.empty()) refuse("--vae", "--to safetensors changes no tensor");
    if (!options.weights.variant.empty()) refuse("--variant", "--to safetensors takes one file");
    if (options.weights.ema) refuse("--ema", "--to safetensors does not look at the model");
    if (options.prediction) refuse("--prediction", "--to safetensors does not look at the model");
  }
  return layout;
}

conversion::Conversion located_conversion(const ConvertOptions& options, ModelLayout layout) {
  const weights::ModelQuery query{
      .model = options.input, .vae = options.vae, .models_folder = options.models_folder};
  conversion::Conversion conversion{.input = weights::locate_model(query),
                                    .output = options.output,
                                    .layout = layout,
                                    .weights = options.weights,
                                    .prediction = options.prediction,
                                    .dtype = options.dtype,
                                    .metadata = options.metadata};
  if (layout != ModelLayout::safetensors) {
    conversion.weights.vae = weights::locate_vae(query, conversion.input);
  }
  if (options.max_shard_size) conversion.max_shard_size = *options.max_shard_size;
  return conversion;
}

}  // namespace velatura::cli
