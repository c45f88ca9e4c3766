#include "cli/settings_job.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/options.h"
#include "velatura/error.h"
#include "weights/formats/file_hash.h"

namespace velatura::cli {
namespace {

constexpr std::array<std::string_view, 19> kForTheRun{
    "device", "dtype",       "vae-dtype",  "vae-tile",   "threads",     "tf32",       "config",
    "help",   "json",        "quiet",      "verbose",    "no-progress", "batch-size", "grid",
    "show",   "latents-out", "save-depth", "models-dir", "no-metadata"};

constexpr std::array<std::string_view, 3> kNotOfThePicture{"seed", "num-images", "output"};
constexpr std::array<std::string_view, 4> kFiles{"image", "mask", "depth-map", "latents-in"};

/// A setting that says what is to be made, the most telling first.
struct Sign {
  std::string_view setting, task;
};
constexpr std::array<Sign, 9> kSigns{{{"mask", "inpaint"},
                                      {"mask-image", "inpaint"},
                                      {"extend", "inpaint"},
                                      {"mask-crop", "inpaint"},
                                      {"depth-map", "depth2img"},
                                      {"noise-level", "upscale"},
                                      {"image", "img2img"},
                                      {"init-image", "img2img"},
                                      {"init-img", "img2img"}}};

template <class Names>
bool is_in(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string task_of(const batch::Settings& defaults, const batch::Settings& own) {
  for (const auto* settings : {&own, &defaults}) {
    if (const auto* task = find(*settings, "task")) return task->value.value_or("");
  }
  for (const Sign& sign : kSigns) {
    const bool by_default = is_in(kFiles, sign.setting) && find(defaults, sign.setting) != nullptr;
    if (by_default || find(own, sign.setting) != nullptr) return std::string(sign.task);
  }
  return "txt2img";
}

const PictureTask& picture_task(const std::string& name) {
  std::vector<std::string> names;
  for (const PictureTask& task : picture_tasks()) {
    if (name == task.name) return task;
    names.emplace_back(task.name);
  }
  throw UsageError("task '" + name + "': expected " + either(names));
}

std::string content_of(const std::string& file) {
  static std::map<std::string, std::string> known;  // many lines begin with one picture
  auto& hash = known[file];
  if (hash.empty()) hash = weights::sha256_file(file);
  return hash;
}

}  // namespace

bool is_for_the_run(const std::string& option) {
  return is_in(kForTheRun, option);
}

std::string main_name(const CLI::Option& option) {
  return option.get_lnames().empty() ? "" : option.get_lnames().front();
}

SettingsJob::SettingsJob(const batch::Settings& defaults, const batch::Settings& own)
    : task_(task_of(defaults, own)), program_(std::make_unique<CLI::App>()) {
  command_ = picture_task(task_).add(*program_);
  for (const batch::Setting& setting : defaults) apply(setting, false);
  for (const batch::Setting& setting : own) apply(setting, true);
}

void SettingsJob::apply(const batch::Setting& setting, bool must_be_known) {
  if (setting.name == "task") return;
  CLI::Option* option = command_.options->get_option_no_throw("--" + setting.name);
  if (option == nullptr) {
    if (!must_be_known) return;
    throw UsageError("--" + setting.name + ": " + task_ + " has no such option" +
                     suggestion("--" + setting.name, option_names(*command_.options)));
  }
  const std::string name = main_name(*option);
  if (must_be_known && !given_.insert(name).second)
    throw UsageError("--" + name + " is given twice");
  const bool is_flag = option->get_expected_min() == 0;
  if (!setting.value && !is_flag) throw UsageError("--" + name + ": a value is missing");
  if (setting.value == "-" && name != "output")
    throw UsageError("--" + name + " -: standard input is not read here");
  set_option(*option, setting.value.value_or("true"));
}

void SettingsJob::check_for_a_line() const {
  for (const std::string& name : given_) {
    if (is_for_the_run(name))
      throw UsageError("--" + name + " is for the whole run, not for a line");
  }
}

std::string SettingsJob::identity() const {
  nlohmann::json options = nlohmann::json::object();
  for (const CLI::Option* option : command_.options->get_options()) {
    const std::string name = main_name(*option);
    if (option->count() == 0 || is_in(kNotOfThePicture, name)) continue;
    const std::string value = option->results().back();
    options[name] = is_in(kFiles, name) ? content_of(value) : value;
  }
  return nlohmann::json{{"task", task_}, {"options", options}}.dump();
}

}  // namespace velatura::cli
