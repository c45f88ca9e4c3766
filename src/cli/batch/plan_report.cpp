#include "cli/batch/plan_report.h"

#include <algorithm>
#include <utility>

#include "cli/model_location.h"
#include "cli/pictures/picture_lines.h"
#include "core/device.h"
#include "core/name_template.h"
#include "request/fields.h"

namespace velatura::cli {
namespace {

// A list where an option names several.
nlohmann::ordered_json by_option(const std::multimap<std::string, std::string>& files) {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [option, file] : files) {
    auto& value = object[option];
    if (value.is_null()) {
      value = file;
    } else {
      if (value.is_string()) value = nlohmann::ordered_json::array({value});
      value.push_back(file);
    }
  }
  return object;
}

}  // namespace

void PlanReport::tell(const batch::Picture& picture, bool seed_is_known) {
  if (options_.run.json) return tell_json(picture, seed_is_known);
  const batch::Line& line = lines_.lines[picture.line];
  print_line((picture.done ? "there  " : "make   ") + picture.path.string() + "  line " +
             std::to_string(line.number) + ", " +
             (seed_is_known ? "seed " + std::to_string(picture.seed) : "random seed") + ": " +
             line.prompt);
  if (picture.done || !told_.insert(picture.line).second) return;
  const batch::JobLine& job = lines_.jobs[picture.line];
  const PictureJob made = picture_job(options_, job, picture.index, picture.seed, *lines_.inputs);
  for (const auto& [option, file] : files_of(options_, job, made))
    if (std::ranges::find(files_, file) == files_.end()) files_.push_back(file);
}

void PlanReport::tell_files() const {
  for (const std::string& file : files_) print_line("read   " + file);
}

void PlanReport::tell_json(const batch::Picture& picture, bool seed_is_known) {
  using Json = nlohmann::ordered_json;
  const batch::Line& line = lines_.lines[picture.line];
  const batch::JobLine& job = lines_.jobs[picture.line];
  const PictureJob made = picture_job(options_, job, picture.index, picture.seed, *lines_.inputs);
  const ModelOptions located = located_model(made.options);
  const Placement placement = choose_placement(located.device, located.dtype);
  const bool as_the_rest = located.vae_dtype == DType::automatic;
  Json settings = checker_for(line.model, located).settings(made.request);
  settings.update(Json{
      {"device", placement.device.str()},
      {"dtype", dtype_name(placement)},
      {"vae_dtype", dtype_name(as_the_rest ? placement.dtype
                                           : choose_dtype(located.vae_dtype, placement.device))}});
  const Json seed = seed_is_known ? Json(picture.seed) : Json();
  settings["seed"] = seed;
  const bool name_is_known = seed_is_known || !NameTemplate(line.output).has_field({"seed"});
  print_line(json_line({{"line", line.number},
                        {"index", picture.index},
                        {"path", name_is_known ? Json(picture.path.string()) : Json()},
                        {"done", picture.done},
                        {"seed", seed},
                        {"prompt", line.prompt},
                        {"task", request::task_name(made.request)},
                        {"settings", settings},
                        {"files", by_option(files_of(options_, job, made))}}));
}

RequestChecker& PlanReport::checker_for(const std::string& model, const ModelOptions& located) {
  return checkers_.try_emplace(model, located).first->second;
}

}  // namespace velatura::cli
