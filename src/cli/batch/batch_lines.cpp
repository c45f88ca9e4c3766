#include "cli/batch/batch_lines.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

#include "cli/adapter_location.h"
#include "cli/batch/known_options.h"
#include "cli/model_check.h"
#include "cli/model_location.h"
#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_tasks.h"
#include "cli/report/failure.h"
#include "cli/settings_job.h"
#include "core/name_template.h"
#include "core/read_file.h"
#include "core/sha256.h"
#include "generator/request_checker.h"
#include "request/adapter_files.h"
#include "request/adapter_texts.h"
#include "velatura/error.h"
#include "velatura/image.h"
#include "weights/formats/file_hash.h"

namespace velatura::cli {
namespace {

constexpr std::uintmax_t kLargestJobFile = std::uintmax_t{256} << 20u;

std::string read_job_file(const std::string& file) {
  if (file != "-") return read_file(file, kLargestJobFile);
  return {std::istreambuf_iterator<char>(std::cin), {}};
}

// The model as it was asked for, and what else of the options decides which weights are loaded.
std::string model_of(const PictureOptions& options) {
  const std::string name = weights::asked_model(options.model);
  return (name.empty() ? options.bundled : name) + "\n" + options.machine.variant + "\n" +
         options.vae + (options.machine.ema ? "\nema" : "") +
         (options.machine.refiner.empty() ? "" : "\n" + options.machine.refiner.string()) +
         (options.machine.prior.empty() ? "" : "\nprior " + options.machine.prior.string());
}

batch::Settings defaults_of(const BatchOptions& options) {
  batch::Settings defaults = options.defaults;
  defaults.push_back({"output", output_of(options)});
  return defaults;
}

// One picture's latents of several.
Latents one_of(const Latents& latents, int index) {
  Latents one{latents.shape, {}};
  const std::size_t size = latents.values.size() / static_cast<std::size_t>(latents.shape[0]);
  const auto first = latents.values.begin() + static_cast<std::ptrdiff_t>(size) * index;
  one.shape[0] = 1;
  one.values.assign(first, first + static_cast<std::ptrdiff_t>(size));
  return one;
}

// The row that is one picture's, of a row for all or one each.
ImageEmbeds row_of(const ImageEmbeds& embeds, int index) {
  if (embeds.shape[0] == 1) return embeds;
  const auto width = static_cast<std::ptrdiff_t>(embeds.shape[1]);
  const auto row = [&](const std::vector<float>& all) {
    if (all.empty()) return all;
    const auto first = all.begin() + index * width;
    return std::vector<float>(first, first + width);
  };
  return {{1, embeds.shape[1]}, row(embeds.values), row(embeds.negative)};
}

/// What the models of a job file can make, and memory is there for, each looked at once.
class ModelChecks {
 public:
  explicit ModelChecks(const BatchOptions& options)
      : machine_(options.run.machine),
        batch_size_(options.batch_size),
        memory_(options.run.force) {}

  // @param model  as batch::Line::model
  void check(const std::string& model, const PictureOptions& options, const Request& request) {
    // Without pictures or latents of its own, a request is like others that share its batches.
    const PictureRequest& any = common(request);
    const bool is_plain = std::holds_alternative<TextToImage>(request) && !any.latents &&
                          any.sizes == SizeConditioning{} &&
                          any.negative_sizes == SizeConditioning{} && !any.prompt_2 &&
                          !any.negative_prompt_2 && any.mix.empty() && !any.image_embeds &&
                          !any.prior_steps && !any.prior_guidance_scale;
    const std::string kind =
        model + "\n" + batch_key(request) + "\n" + std::to_string(any.clip_skip);
    if (is_plain && checked_.contains(kind)) return;
    Known& known = known_.try_emplace(model, machine_, located_model(options)).first->second;
    known.checker.check(request);
    memory_.check(known.machine, request, batch_size_);
    if (is_plain) checked_.insert(kind);
  }

 private:
  struct Known {
    // @param run  where all lines are computed
    Known(const ModelOptions& run, const ModelOptions& located) : machine(run), checker(located) {
      machine.model = located.model;
      machine.vae = located.vae;
      machine.refiner = located.refiner;
      machine.prior = located.prior;
      machine.variant = located.variant;
      machine.ema = located.ema;
    }
    ModelOptions machine;
    RequestChecker checker;
  };

  ModelOptions machine_;
  int batch_size_;
  ModelCheck memory_;
  std::map<std::string, Known> known_;
  std::set<std::string> checked_;  ///< kinds of requests that can be made
};

// What changes the model's weights; the same name may stand for another file.
std::string adapters_of(const PictureRequest& request) {
  std::string adapters;
  for (const LoraUse& lora : request.loras)
    adapters += "\n" + request::text_of(lora) + " " +
                weights::sha256_file(weights::weight_file_of(lora.file));
  return adapters;
}

// A row of embeddings for all pictures, or one each.
void check_rows(const PictureRequest& request) {
  if (!request.image_embeds) return;
  const auto rows = request.image_embeds->shape.at(0);
  if (rows == 1 || rows == request.num_images) return;
  throw UsageError("image-embeds-in holds " + std::to_string(rows) + " rows for " +
                       std::to_string(request.num_images) + " pictures",
                   {"image-embeds-in"});
}

batch::Line checked(const BatchOptions& options, const batch::JobLine& job, FileInputs& inputs,
                    ModelChecks& models) {
  const SettingsJob settings(defaults_of(options), job.settings);
  settings.check_for_a_line();
  PictureJob picture = settings.job(inputs);
  const PictureRequest& request = common(picture.request);
  const std::string model = model_of(picture.options);
  const auto seed = settings.seed();  // one left open is drawn by the plan
  check_format(NameTemplate(picture.options.output));
  if (request.latents && request.latents->shape.at(0) != request.num_images) {
    throw UsageError("latents-in holds " + std::to_string(request.latents->shape.at(0)) +
                         " latents for " + std::to_string(request.num_images) + " pictures",
                     {"latents-in"});
  }
  check_rows(request);
  picture.options.folders = options.run.folders;
  picture.options.machine.vae_tile = options.run.machine.vae_tile;
  locate_adapters(picture);
  models.check(model, picture.options, picture.request);
  return {.number = job.number,
          .key = sha256(settings.identity(inputs) + "\n" + model + adapters_of(request) +
                        (seed ? "\n" + std::to_string(*seed) : "")),
          .seed = seed,
          .num_images = request.num_images,
          .steps = steps_of(picture.request),
          .prompt = request.prompt,
          .output = picture.options.output,
          .model = model,
          .adapters = adapters_of(request),
          .group = batch_key(picture.request)};
}

// A default that no line has would be ignored without a word.
void check_defaults(const batch::Settings& defaults) {
  for (const batch::Setting& setting : defaults) {
    for (const PictureTask& task : picture_tasks()) {
      Draft draft = draft_of(task.name);
      if (find_slot(slots_of(draft), setting.name) == nullptr) continue;
      const SettingsJob tried({}, {{"task", task.name}, setting});  // throws
      break;
    }
  }
}

}  // namespace

CheckedLines check_lines(const BatchOptions& options, Observer* observer) {
  check_defaults(options.defaults);
  const std::string text = read_job_file(options.from_file);
  batch::JobFile file = batch::parse_job_file(options.from_file, text, known_options());
  const bool is_stdin = options.from_file == "-";
  CheckedLines lines{.name = is_stdin ? batch::stdin_batch_name(text) : file_name(options),
                     .errors = std::move(file.errors),
                     .inputs = std::make_shared<FileInputs>(observer)};
  ModelChecks models(options);
  for (batch::JobLine& job : file.lines) {
    try {
      lines.lines.push_back(checked(options, job, *lines.inputs, models));
      lines.jobs.push_back(std::move(job));
    } catch (const Error& error) {
      lines.errors.push_back({job.number, told(error), error.kind()});
    }
  }
  std::ranges::stable_sort(lines.errors, {}, &batch::LineError::number);
  return lines;
}

PictureJob picture_job(const BatchOptions& options, const batch::JobLine& job, int index,
                       std::uint64_t seed, FileInputs& inputs) {
  PictureJob picture = SettingsJob(defaults_of(options), job.settings).job(inputs);
  const ModelOptions of_line = picture.options.machine;
  picture.options.machine = options.run.machine;
  picture.options.machine.variant = of_line.variant;
  picture.options.machine.ema = of_line.ema;
  picture.options.machine.refiner = of_line.refiner;
  picture.options.machine.prior = of_line.prior;
  picture.options.folders = options.run.folders;
  locate_adapters(picture);
  std::visit(
      [&](auto& request) {
        if (request.latents) request.latents = one_of(*request.latents, index);
        if (request.image_embeds) request.image_embeds = row_of(*request.image_embeds, index);
        request.seed = seed;
        request.num_images = 1;
        request.batch_size = 1;
      },
      picture.request);
  return picture;
}

std::multimap<std::string, std::string> files_of(const BatchOptions& options,
                                                 const batch::JobLine& job,
                                                 const PictureJob& picture) {
  auto files = SettingsJob(defaults_of(options), job.settings).files();
  const ModelOptions located = located_model(picture.options);
  request::each_adapter_file(common(picture.request),
                             [&files](std::string_view option, const std::filesystem::path&) {
                               files.erase(std::string(option));  // as it was given
                             });
  request::each_adapter_file(common(picture.request), [&files](const std::string& option,
                                                               const std::filesystem::path& path) {
    files.emplace(option, path.string());
  });
  files.emplace("model", located.model.string());
  if (!located.vae.empty()) files.emplace("vae", located.vae.string());
  if (!located.refiner.empty()) files.emplace("refiner", located.refiner.string());
  if (!located.prior.empty()) files.emplace("prior", located.prior.string());
  return files;
}

}  // namespace velatura::cli
