#include "cli/field_options.h"

#include "cli/options.h"
#include "cli/pictures/run_fields.h"
#include "request/values.h"
#include "request/words.h"

namespace velatura::cli {
namespace {

using request::Field;
using request::Group;
using request::Place;
using request::read_only;
using request::Slot;

const char* title(Group group) {
  switch (group) {
    case Group::input:
      return "Input";
    case Group::prompt:
      return "Prompt";
    case Group::model:
      return "Model";
    case Group::adapters:
      return "Adapters";
    case Group::sampling:
      return "Sampling";
    case Group::machine:
      return "Machine";
    case Group::output:
    case Group::size:
      return "Output";
  }
  return "";
}

// "-g,--guidance-scale,--cfg-scale"; "prompt,--prompt" for a positional.
std::string names_of(const Field& field, bool positional) {
  const std::string name(field.name);
  std::string names = positional ? name + "," : "";
  if (field.letter != '\0') names += std::string("-") + field.letter + ",";
  names += "--" + name;
  for (const std::string_view other : field.others)
    if (!other.empty()) names += ",--" + std::string(other);
  return names;
}

std::string own_default(const Slot& slot) {
  if (!slot.field.shown_default.empty()) return std::string(slot.field.shown_default);
  return request::is_flag(slot.field) ? "" : request::text_of(slot.field, read_only(slot.place));
}

// Every text that is given is looked at, not only the last one, which counts.
CLI::Validator checked_by(const Slot& slot, const std::string& shown) {
  const auto check = [slot](std::string& text) {
    request::check_value(slot.field, slot.place, text);
    return std::string();
  };
  return {check, shown};
}

// What help says that the value may be.
std::vector<std::string> choices_for(const Slot& slot) {
  const auto& [field, place] = slot;
  // What a range within another notation means is for its help to say.
  if (field.range && !std::holds_alternative<Margins*>(place))
    return {request::text_of(*field.range)};
  return request::words_of(field, read_only(place));
}

bool is_checked_at_once(const Slot& slot) {
  const auto& [field, place] = slot;
  return request::is_flag(field) || field.complaint != nullptr ||
         (field.range && !std::holds_alternative<Margins*>(place));
}

// Config files cannot choose config files.
void add_config_option(CLI::App& command, const Field& field) {
  add_field_option(command, {field, {}})->configurable(false);
}

}  // namespace

std::string shown_default(const Slot& slot, const Draft& draft) {
  return slot.field.name == "model" ? "$VELATURA_MODEL, else " + draft.options.bundled
                                    : own_default(slot);
}

CLI::Option* add_field_option(CLI::App& command, const Slot& slot, const request::TextSink& take,
                              const OptionStyle& style) {
  const Field& field = slot.field;
  const std::string names = names_of(field, style.positional);
  CLI::Option* option =
      request::is_list(read_only(slot.place))
          ? add_repeatable(command, title(field.group), names, take, std::string(field.help))
          : add_parsed(command, title(field.group), names, take, std::string(field.help));
  option->type_name(std::string(field.unit))->default_str(style.shown_default);
  const std::vector<std::string> words = choices_for(slot);
  if (style.checked && is_checked_at_once(slot)) {
    option->check(checked_by(slot, request::in_a_row(words)));
  } else if (!words.empty()) {
    option->check(choices(words));
  }
  if (request::is_flag(field))
    option->expected(0)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  return field.value_optional ? value_is_optional(option) : option;
}

CLI::Option* add_field_option(CLI::App& command, const Slot& slot) {
  const auto take = [slot](const std::string& text) {
    request::set_value(slot.field, slot.place, text);
  };
  return add_field_option(command, slot, take, {own_default(slot), slot.field.positional});
}

void add_draft_options(CLI::App& command, const std::shared_ptr<Draft>& draft) {
  for (const Slot& slot : slots_of(*draft)) {
    if (is_of_config(slot.field)) {
      add_config_option(command, slot.field);
      continue;
    }
    const auto take = [slot, draft](const std::string& text) {
      request::set(slot, draft->unread, text);
    };
    add_field_option(command, slot, take, {shown_default(slot, *draft), slot.field.positional});
  }
}

void add_report_options(CLI::App& command, PictureOptions& options) {
  each_report_field(options, [&command](const Field& field, const Place& place) {
    add_field_option(command, {field, place});
  });
}

void add_machine_options(CLI::App& command, PictureOptions& options) {
  each_machine_field(options, [&command](const Field& field, const Place& place) {
    if (is_of_config(field)) {
      add_config_option(command, field);
    } else {
      add_field_option(command, {field, place});
    }
  });
}

void add_config_options(CLI::App& command) {
  add_config_option(command, config_field());
  add_config_option(command, no_config_field());
}

}  // namespace velatura::cli
