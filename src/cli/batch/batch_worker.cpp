#include "cli/batch/batch_worker.h"

#include <algorithm>
#include <span>
#include <utility>

#include "cli/model_location.h"
#include "cli/pictures/picture_lines.h"
#include "cli/pictures/picture_writer.h"
#include "cli/report/failure.h"
#include "core/atomic_file.h"
#include "velatura/error.h"
#include "velatura/image.h"

namespace velatura::cli {
namespace {

// Above all numbers that the plan gives by itself.
std::uint64_t first_free_number(const std::vector<batch::Line>& lines) {
  std::uint64_t pictures = 0;
  for (const batch::Line& line : lines) pictures += static_cast<std::uint64_t>(line.num_images);
  return pictures;
}

// Errors of all kinds as velatura's own.
[[noreturn]] void rethrow() {
  const Failure failure = current_failure();
  if (failure.device_failed) throw batch::EndOfRun(failure.kind, failure.message);
  throw Error(failure.kind, failure.message);
}

}  // namespace

BatchWorker::BatchWorker(const BatchOptions& options, const CheckedLines& lines,
                         std::vector<batch::Picture>& pictures, std::size_t to_make,
                         batch::Journal& journal, EventStream& events,
                         const InterruptGuard& interrupt)
    : options_(options),
      lines_(lines),
      pictures_(pictures),
      journal_(journal),
      claims_(journal.tag()),
      next_free_(first_free_number(lines.lines)),
      events_(events),
      interrupt_(interrupt),
      report_(progress_style(options.run), options.run.verbosity(), static_cast<int>(to_make),
              interrupt,
              /*long_run=*/to_make > 1),
      preview_(options.run.show, report_) {}

void BatchWorker::make(const std::vector<std::size_t>& group,
                       const std::function<void(std::size_t)>& made) {
  group_ = group;
  try {
    std::vector<Request> requests;
    PictureOptions options;
    for (const std::size_t number : group) {
      const batch::Picture& picture = pictures_[number];
      PictureJob job = picture_job(options_, lines_.jobs[picture.line], picture.index, picture.seed,
                                   *lines_.inputs);
      requests.push_back(std::move(job.request));
      options = std::move(job.options);
    }
    Generator& generator = load(line_of(group.front()).model, options);
    for (const std::size_t number : group) {
      reserve(number);
      journal_.started(entry(number));
      events_.write(event("started", number));
    }
    const auto sink = [&](std::size_t request, Picture&& result) {
      save(group[request], result);
      made(group[request]);
    };
    report_.begin_after(made_);
    generator.generate(requests, options_.batch_size, sink, this);
  } catch (...) {
    rethrow();
  }
}

void BatchWorker::on_warning(std::string_view warning) {
  if (warnings_.emplace(warning).second) report_.on_warning(warning);
}

Generator& BatchWorker::load(const std::string& model, const PictureOptions& options) {
  if (model != model_) {
    located_ = located_model(options);
    model_ = model;
  }
  if (!generator_.holds(located_))
    report_.say("model " + located_.model.string(), Verbosity::verbose);
  return generator_.of(located_, *this);
}

void BatchWorker::reserve(std::size_t number) {
  if (options_.overwrite) return;
  const batch::Picture& picture = pictures_[number];
  while (!(picture.replaces ? claims_.take(picture.path) : claims_.take_new(picture.path)))
    rename(number);
}

void BatchWorker::rename(std::size_t number) {
  batch::Picture& picture = pictures_[number];
  const auto is_planned = [this](const std::filesystem::path& path) {
    return std::ranges::find(pictures_, path, &batch::Picture::path) != pictures_.end();
  };
  std::optional<std::filesystem::path> path;
  do {
    path = batch::with_number(picture, line_of(number), next_free_++);
    if (!path) throw UsageError(batch::in_the_way(picture.path));
  } while (is_planned(*path));
  picture.path = *path;
  picture.replaces = false;
}

void BatchWorker::write(std::size_t number, std::span<const std::byte> bytes) {
  const batch::Picture& picture = pictures_[number];
  if (picture.replaces || options_.overwrite)
    return write_file_atomically(picture.path, bytes, journal_.tag());
  while (!write_new_file_atomically(picture.path, bytes, journal_.tag())) {
    claims_.give_back(picture.path);
    rename(number);
    reserve(number);
    journal_.started(entry(number));
  }
}

void BatchWorker::save(std::size_t number, const Picture& result) {
  const batch::Picture& picture = pictures_[number];
  const auto bytes = encode_image(result.image, image_format(picture.path),
                                  written_metadata(options_.run, result.metadata));
  write(number, bytes);
  batch::Entry saved = entry(number);
  saved.bytes = bytes.size();
  saved.elapsed_s = result.elapsed_s;
  journal_.saved(saved);
  claims_.give_back(picture.path);
  ++made_;

  auto saved_event = event("saved", number);
  saved_event.update({{"width", result.image.width},
                      {"height", result.image.height},
                      {"elapsed_s", result.elapsed_s}});
  events_.write(saved_event);
  report_.clear_bar();
  if (options_.run.json) {
    auto object = describe(result, picture.path, line_of(number).prompt);
    object["line"] = line_of(number).number;
    print_line(json_line(object));
  } else if (!events_.is_stdout()) {
    print_line(picture.path.string());
  }
  preview_.show(result.image);
  report_.pictures_done(made_);
}

void BatchWorker::on_retry(std::size_t picture, const std::string& reason) {
  auto retried = event("failed", picture);
  retried.update({{"reason", reason}, {"retried", true}});
  events_.write(retried);
  report_.on_warning("line " + std::to_string(line_of(picture).number) + ": " + reason +
                     "; trying once more");
}

void BatchWorker::on_failed(std::size_t picture, const std::string& reason) {
  journal_.failed(entry(picture), reason);
  claims_.give_back(pictures_[picture].path);
  auto failed = event("failed", picture);
  failed.update({{"reason", reason}, {"retried", false}});
  events_.write(failed);
  report_.say("velatura: line " + std::to_string(line_of(picture).number) + " failed: " + reason,
              Verbosity::quiet);
}

void BatchWorker::on_progress(const Progress& progress) {
  report_.on_progress(progress);
  if (progress.stage != Stage::denoise || !events_.is_open()) return;
  const auto first = static_cast<std::size_t>(progress.first_image);
  nlohmann::ordered_json lines = nlohmann::ordered_json::array();
  for (std::size_t i = first; i < first + static_cast<std::size_t>(progress.images); ++i)
    lines.push_back(line_of(group_.at(i)).number);
  events_.write(
      {{"event", "step"}, {"lines", lines}, {"done", progress.done}, {"total", progress.total}});
}

batch::Entry BatchWorker::entry(std::size_t number) const {
  const batch::Picture& picture = pictures_[number];
  return {.id = picture.id,
          .line = line_of(number).number,
          .path = picture.path,
          .seed = picture.seed,
          .reserved = !picture.replaces && !options_.overwrite};
}

nlohmann::ordered_json BatchWorker::event(const char* name, std::size_t number) const {
  const batch::Picture& picture = pictures_[number];
  return {{"event", name},
          {"line", line_of(number).number},
          {"index", picture.index},
          {"seed", picture.seed},
          {"path", picture.path.string()}};
}

}  // namespace velatura::cli
