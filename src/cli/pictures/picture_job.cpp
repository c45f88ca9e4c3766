#include "cli/pictures/picture_job.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "cli/interrupt.h"
#include "cli/model_check.h"
#include "cli/model_location.h"
#include "cli/pictures/latents_file.h"
#include "cli/pictures/output_names.h"
#include "cli/pictures/picture_writer.h"
#include "cli/report/preview.h"
#include "cli/report/progress_report.h"
#include "generator/request_checker.h"
#include "samplers/make_plan.h"
#include "velatura/error.h"
#include "weights/layouts/prior_files.h"

namespace velatura::cli {
namespace {

// Pictures' latents, one behind the other along the first dimension.
void append(Latents& all, const Latents& more) {
  if (all.shape.empty()) {
    all = more;
    return;
  }
  all.shape[0] += more.shape[0];
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
}

// The same for what they were drawn from.
void append(ImageEmbeds& all, const ImageEmbeds& more) {
  if (all.shape.empty()) {
    all = more;
    return;
  }
  all.shape[0] += more.shape[0];
  all.values.insert(all.values.end(), more.values.begin(), more.values.end());
  all.negative.insert(all.negative.end(), more.negative.begin(), more.negative.end());
}

// What goes with the model, if anything does.
void check_beside(const PictureOptions& options, const ModelOptions& machine,
                  const Request& request) {
  const PictureRequest& asked = common(request);
  const bool embeds = !options.image_embeds_out.empty();
  const bool is_asked = !asked.picture_prompts.empty() || !asked.groundings.empty() || embeds ||
                        std::holds_alternative<Variations>(request);
  if (!is_asked && !weights::folder_takes_prior(machine.model)) return;
  RequestChecker checker(machine);
  checker.check(request);
  if (embeds && !checker.imagines()) {
    throw UsageError("image-embeds-out: this model has no use for it", {"image-embeds-out"});
  }
}

// What is said once the work begins. @throws UsageError if the strength leaves no step
std::string start_line(const Request& request) {
  std::string line = "seed " + std::to_string(common(request).seed);
  const int done = steps_of(request), asked = common(request).steps;
  if (done == asked) return line;
  return line + ", " + std::to_string(done) + " of " + std::to_string(asked) + " steps";
}

std::string seconds_since(std::chrono::steady_clock::time_point start) {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

}  // namespace

int steps_of(const Request& request) {
  return std::visit(
      [](const auto& task) {
        if constexpr (requires { task.strength; })
          return task.steps - samplers::start_step(task.steps, task.strength);
        else
          return task.steps;
      },
      request);
}

void make_pictures(const PictureJob& job) {
  const auto& [options, request, on_picture] = job;
  const std::string first_line = start_line(request);
  const std::unique_ptr<PictureWriter> writer = make_writer(options, common(request));
  for (const std::string& file : {options.latents_out, options.image_embeds_out})
    if (!file.empty()) check_writable(std::filesystem::path(file).parent_path());
  const ModelOptions machine = located_model(options);
  const PictureRequest& asked = common(request);
  // What goes with the model is looked at before its weights are read.
  check_beside(options, machine, request);
  ModelCheck(options.force).check(machine, request, std::min(asked.batch_size, asked.num_images));

  const InterruptGuard interrupt;
  ProgressReport report(progress_style(options), options.verbosity(), common(request).num_images,
                        interrupt);
  report.say("model " + machine.model.string(), Verbosity::verbose);
  if (options.vae.empty() && !machine.vae.empty()) {
    report.say("using the VAE beside the model, " + machine.vae.string());
  }
  if (common(request).prompt.empty() && !std::holds_alternative<Upscale>(request) &&
      !std::holds_alternative<Variations>(request) && asked.mix.empty() && !asked.image_embeds)
    report.on_warning("the prompt is empty");
  const Preview preview(options.show, report);
  const auto start = std::chrono::steady_clock::now();
  Generator generator(machine, &report);
  report.say("loaded in " + seconds_since(start), Verbosity::verbose);
  report.say_at_start(first_line);

  writer->reserve();
  Latents latents;
  ImageEmbeds embeds;
  generator.generate(
      request,
      [&](Picture&& picture) {
        report.clear_bar();
        writer->write(picture);
        preview.show(picture.image);
        if (on_picture) on_picture(picture);
        if (!options.latents_out.empty()) append(latents, picture.latents);
        if (!options.image_embeds_out.empty() && picture.image_embeds)
          append(embeds, *picture.image_embeds);
      },
      &report);
  writer->finish();
  if (!options.latents_out.empty()) write_latents(options.latents_out, latents);
  if (!options.image_embeds_out.empty()) write_image_embeds(options.image_embeds_out, embeds);
  if (interrupt.requested())
    throw Interrupted();  // too late to save work, but a caller's loop ends
  report.say("done in " + seconds_since(start), Verbosity::verbose);
}

}  // namespace velatura::cli
