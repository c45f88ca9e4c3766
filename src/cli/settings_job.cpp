#include "cli/settings_job.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "cli/options.h"
#include "cli/pictures/picture_tasks.h"
#include "cli/pictures/run_fields.h"
#include "core/data_url.h"
#include "request/adapter_texts.h"
#include "request/fields.h"
#include "samplers/names.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

using request::Scope;
using request::Slot;

// In which order settings are looked at for what they are to make, the most telling first.
constexpr std::array<std::string_view, 4> kTelling{"inpaint", "depth2img", "upscale", "img2img"};

// Whether a setting asks for the task. Of the defaults, which hold for all lines, only a file does.
bool asks_for(std::string_view task, const batch::Settings& defaults, const batch::Settings& own) {
  bool asked = false;
  const auto look = [&](const request::Field& field, const request::ConstPlace& place) {
    if (!field.tells_task) return;
    const auto tells = [&field](const batch::Setting& setting) {
      return is_named(field, setting.name);
    };
    asked = asked || std::ranges::any_of(own, tells) ||
            (request::is_file(place) && std::ranges::any_of(defaults, tells));
  };
  const Request request = *request::make_request(task);
  request::each_field(request, look);
  return asked;
}

std::string task_of(const batch::Settings& defaults, const batch::Settings& own) {
  for (const auto* settings : {&own, &defaults}) {
    if (const auto* task = find(*settings, "task")) return task->value.value_or("");
  }
  for (const std::string_view task : kTelling)
    if (asks_for(task, defaults, own)) return std::string(task);
  return "txt2img";
}

// A sampler's label may hold a schedule of its own.
bool brings_schedule(const batch::Settings& settings) {
  static const request::Field sampler = request::known_field("sampler");
  return std::ranges::any_of(settings, [](const batch::Setting& setting) {
    return is_named(sampler, setting.name) &&
           samplers::parse_sampler(setting.value.value_or("")).schedule;
  });
}

// Whether settings have a list of their own in the slot.
bool is_list_of(const batch::Settings& settings, const Slot* slot) {
  return slot != nullptr && request::is_list(request::read_only(slot->place)) &&
         std::ranges::any_of(settings, [&](const batch::Setting& setting) {
           return is_named(slot->field, setting.name);
         });
}

// "--steps": the long names of all options, as a command line has them.
std::vector<std::string> options_of(const std::vector<Slot>& slots) {
  std::vector<std::string> names;
  for (const Slot& slot : slots) {
    names.push_back("--" + std::string(slot.field.name));
    for (const std::string_view other : slot.field.others)
      if (!other.empty()) names.push_back("--" + std::string(other));
  }
  return names;
}

}  // namespace

const Slot* find_slot(const std::vector<Slot>& slots, std::string_view name) {
  const auto found =
      std::ranges::find_if(slots, [name](const Slot& slot) { return is_named(slot.field, name); });
  return found == slots.end() ? nullptr : &*found;
}

SettingsJob::SettingsJob(const batch::Settings& defaults, const batch::Settings& own)
    : task_(task_of(defaults, own)), draft_(draft_of(picture_task(task_).name)) {
  std::vector<Slot> slots = slots_of(draft_);
  slots.insert(slots.begin(), {help_field(), {}});
  const bool new_schedule = brings_schedule(own);
  for (const batch::Setting& setting : defaults) {
    if (setting.name == "schedule" && new_schedule) continue;
    if (is_list_of(own, find_slot(slots, setting.name))) continue;
    apply(slots, setting, false);
  }
  for (const batch::Setting& setting : own) apply(slots, setting, true);
}

void SettingsJob::apply(const std::vector<Slot>& slots, const batch::Setting& setting,
                        bool is_own) {
  if (setting.name == "task") return;
  const Slot* slot = find_slot(slots, setting.name);
  if (slot == nullptr) {
    if (!is_own) return;
    throw UsageError("--" + setting.name + ": " + task_ + " has no such option" +
                     suggestion("--" + setting.name, options_of(slots)));
  }
  const request::Field& field = slot->field;
  const std::string name(field.name);
  const bool is_list = request::is_list(request::read_only(slot->place));
  const auto before = given_.find(name);
  if (is_own && !is_list && before != given_.end() && before->second.is_own)
    throw UsageError(name + " is given twice", {name});
  if (!setting.value && !request::is_flag(field) && !field.value_optional)
    throw UsageError(name + ": a value is missing", {name});
  if (setting.value == "-" && name != "output")
    throw UsageError(name + " -: standard input is not read here", {name});
  const std::string text = setting.value.value_or("true");
  const bool may_be_file = request::possible_picture(*slot, text).has_value();
  Given& given =
      given_.insert({name, Given{field, request::names_a_file(*slot), may_be_file, is_own, {}}})
          .first->second;
  given.is_own = is_own;
  if (!is_list) given.texts.clear();
  given.texts.push_back(text);
  request::set(*slot, draft_.unread, text);
}

void SettingsJob::check_for_a_line() const {
  for (const auto& [name, given] : given_) {
    if (given.is_own && given.field.scope == Scope::run)
      throw UsageError(name + " is for the whole run, not for a line", {name});
  }
}

std::multimap<std::string, std::string> SettingsJob::files() const {
  std::multimap<std::string, std::string> files;
  for (const auto& [name, given] : given_)
    for (const std::string& text : given.texts) {
      if (given.is_file && !is_data_url(text)) files.emplace(name, text);
      if (!given.may_be_file) continue;
      const std::string file = request::mix_item_in(given.field, text).text;
      if (names_picture_file(file) && !is_data_url(file)) files.emplace(name, file);
    }
  return files;
}

std::string SettingsJob::identity(FileInputs& files) const {
  nlohmann::json options = nlohmann::json::object();
  for (const auto& [name, given] : given_) {
    if (given.field.scope == Scope::series) continue;
    auto values = nlohmann::json::array();
    for (const std::string& text : given.texts) {
      values.push_back(given.is_file ? files.sha256(text) : text);
      if (!given.may_be_file) continue;
      const std::string file = request::mix_item_in(given.field, text).text;
      if (names_picture_file(file)) values.push_back(files.sha256(file));
    }
    options[name] = values.size() == 1 ? values.front() : values;
  }
  return nlohmann::json{{"task", task_}, {"options", options}}.dump();
}

}  // namespace velatura::cli
