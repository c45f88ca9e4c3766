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
  if (!options.latents_out.empty())
    check_writable(std::filesystem::path(options.latents_out).parent_path());
  const ModelOptions machine = located_model(options);
  const PictureRequest& asked = common(request);
  // What goes with the model is looked at before its weights are read.
  if (!asked.picture_prompts.empty() || !asked.groundings.empty())
    RequestChecker(machine).check(request);
  ModelCheck(options.force).check(machine, request, std::min(asked.batch_size, asked.num_images));

  const InterruptGuard interrupt;
  ProgressReport report(progress_style(options), options.verbosity(), common(request).num_images,
                        interrupt);
  report.say("model " + machine.model.string(), Verbosity::verbose);
  if (options.vae.empty() && !machine.vae.empty()) {
    report.say("using the VAE beside the model, " + machine.vae.string());
  }
  if (common(request).prompt.empty() && !std::holds_alternative<Upscale>(request))
    report.on_warning("the prompt is empty");
  const Preview preview(options.show, report);
  const auto start = std::chrono::steady_clock::now();
  Generator generator(machine, &report);
  report.say("loaded in " + seconds_since(start), Verbosity::verbose);
  report.say_at_start(first_line);

  writer->reserve();
  Latents latents;
  generator.generate(
      request,
      [&](Picture&& picture) {
        report.clear_bar();
        writer->write(picture);
        preview.show(picture.image);
        if (on_picture) on_picture(picture);
        if (!options.latents_out.empty()) append(latents, picture.latents);
      },
      &report);
  writer->finish();
  if (!options.latents_out.empty()) write_latents(options.latents_out, latents);
  if (interrupt.requested())
    throw Interrupted();  // too late to save work, but a caller's loop ends
  report.say("done in " + seconds_since(start), Verbosity::verbose);
}

}  // namespace velatura::cli
