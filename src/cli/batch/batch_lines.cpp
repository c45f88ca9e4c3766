#include "cli/batch/batch_lines.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/model_check.h"
#include "cli/model_location.h"
#include "cli/pictures/picture_tasks.h"
#include "cli/report/failure.h"
#include "cli/settings_job.h"
#include "core/name_template.h"
#include "core/read_file.h"
#include "core/sha256.h"
#include "pipelines/sides.h"
#include "velatura/error.h"
#include "velatura/image.h"

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
         options.vae + (options.machine.ema ? "\nema" : "");
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

// @throws UsageError for a width or height that no model makes
void check_size(const Request& request) {
  std::visit(
      [](const auto& task) {
        if constexpr (requires { task.width; }) {
          if (task.width) pipelines::check_side("width", *task.width, pipelines::kSideMultiple);
          if (task.height) pipelines::check_side("height", *task.height, pipelines::kSideMultiple);
        }
      },
      request);
}

batch::Line checked(const BatchOptions& options, const batch::JobLine& job, FileInputs& inputs,
                    ModelCheck& models) {
  const SettingsJob settings(defaults_of(options), job.settings);
  settings.check_for_a_line();
  const PictureJob picture = settings.job(inputs);
  const PictureRequest& request = common(picture.request);
  const std::string model = model_of(picture.options);
  const auto seed = settings.seed();  // one left open is drawn by the plan
  check_size(picture.request);
  weights::ModelQuery query = model_query(picture.options);
  query.models_folder = options.run.models_folder;
  ModelOptions machine = options.run.machine;
  machine.variant = picture.options.machine.variant;
  machine.ema = picture.options.machine.ema;
  machine.model = weights::locate_model(query);
  machine.vae = weights::locate_vae(query, machine.model);
  models.check(machine, picture.request, options.batch_size);
  image_format(NameTemplate(picture.options.output).expand({}));  // throws for an unknown one
  if (request.latents && request.latents->shape.at(0) != request.num_images) {
    throw UsageError("latents-in holds " + std::to_string(request.latents->shape.at(0)) +
                         " latents for " + std::to_string(request.num_images) + " pictures",
                     {"latents-in"});
  }
  return {.number = job.number,
          .key = sha256(settings.identity(inputs) + "\n" + model +
                        (seed ? "\n" + std::to_string(*seed) : "")),
          .seed = seed,
          .num_images = request.num_images,
          .steps = steps_of(picture.request),
          .prompt = request.prompt,
          .output = picture.options.output,
          .model = model,
          .group = batch_key(picture.request)};
}

// A default that no line has would be ignored without a word.
void check_defaults(const batch::Settings& defaults) {
  for (const batch::Setting& setting : defaults) {
    for (const PictureTask& task : picture_tasks()) {
      Draft draft = draft_of(task.name);
      if (find_slot(slots_of(draft), setting.name) == nullptr) continue;
      SettingsJob({}, {{"task", task.name}, setting});
      break;
    }
  }
}

}  // namespace

CheckedLines check_lines(const BatchOptions& options) {
  check_defaults(options.defaults);
  batch::JobFile file = batch::parse_job_file(read_job_file(options.from_file));
  CheckedLines lines{{}, {}, std::move(file.errors), std::make_shared<FileInputs>()};
  ModelCheck models(options.run.force);
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
  picture.options.models_folder = options.run.models_folder;
  std::visit(
      [&](auto& request) {
        if (request.latents) request.latents = one_of(*request.latents, index);
        request.seed = seed;
        request.num_images = 1;
        request.batch_size = 1;
      },
      picture.request);
  return picture;
}

}  // namespace velatura::cli
