#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/help/help.h"
#include "cli/help/program_facts.h"
#include "cli/help/topics.h"
#include "cli/options.h"
#include "samplers/names.h"
#include "samplers/registry.h"

namespace velatura::cli {
namespace {

// Besides the name and the label. A scheduler class several samplers share is the name of one.
std::vector<std::string> other_names(const samplers::SamplerRow& row) {
  std::vector<std::string> names(row.aliases.begin(), row.aliases.end());
  if (samplers::parse_sampler(row.scheduler).sampler == row.sampler)
    names.emplace_back(row.scheduler);
  return names;
}

std::string row_text(const auto& row, const std::string& more = "") {
  std::string names = "  " + std::string(row.name);
  names.resize(std::max<std::size_t>(names.size() + 2, 16), ' ');
  return two_columns(names + std::string(row.label), std::string(row.description) + more, 34);
}

std::string table_text(const std::string& title, const auto& rows) {
  std::string text = "\n" + title + "\n";
  for (const auto& row : rows) text += row_text(row);
  return text;
}

nlohmann::ordered_json json_of(const auto& row) {
  return {{"name", row.name}, {"label", row.label}, {"description", row.description}};
}

nlohmann::ordered_json json_list(const auto& rows) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& row : rows) list.push_back(json_of(row));
  return list;
}

void print_json() {
  auto rows = nlohmann::ordered_json::array();
  for (const samplers::SamplerRow& row : samplers::sampler_rows()) {
    auto object = json_of(row);
    object["scheduler"] = row.scheduler;
    object["aliases"] = other_names(row);
    object["takes_eta"] = row.takes_eta;
    rows.push_back(object);
  }
  const nlohmann::ordered_json all = {
      {"samplers", rows},
      {"schedules", json_list(samplers::schedules())},
      {"timestep_spacings", json_list(samplers::timestep_spacings())},
      {"predictions", json_list(samplers::predictions())}};
  std::cout << all.dump(2) << "\n";
}

}  // namespace

std::string samplers_text() {
  std::string text =
      "Samplers (--sampler takes each of a row's names; case and punctuation are ignored,\n"
      "and a schedule may follow, as in \"DPM++ 2M Karras\")\n";
  for (const samplers::SamplerRow& row : samplers::sampler_rows()) {
    const std::string others = join(other_names(row), ", ");
    text += row_text(row, others.empty() ? "" : " (also " + others + ")");
  }
  text += table_text("Schedules (--schedule)", samplers::schedules());
  text += table_text("Timestep spacings (--timestep-spacing)", samplers::timestep_spacings());
  return text + table_text("Predictions (--prediction)", samplers::predictions());
}

Command add_samplers(CLI::App& program) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command =
      program.add_subcommand("samplers", "List samplers, schedules and their names");
  add_flag(*command, "Output", "--json", *json, "Print one JSON object");
  return {command, [json] {
            if (*json) return print_json();
            std::cout << samplers_text();
          }};
}

}  // namespace velatura::cli
