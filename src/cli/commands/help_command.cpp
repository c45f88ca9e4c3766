#include <algorithm>
#include <iostream>

#include "cli/command.h"
#include "cli/help/notices.h"
#include "cli/help/topics.h"
#include "cli/options.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

constexpr std::string_view kSamplers = "samplers";  // a topic, although it is a command too
constexpr std::string_view kLicences = "licences";

std::string help_on(const std::string& word, const CLI::App& program) {
  const auto help_of = [&program](const CLI::App& app, const std::string& path) {
    return program.get_formatter()->make_help(&app, path, CLI::AppFormatMode::Normal);
  };
  if (word.empty()) return help_of(program, program.get_name());
  if (word == kSamplers) return samplers_text();
  if (word == kLicences) return std::string(third_party_notices());
  std::vector<std::string> known{std::string(kLicences)};
  for (const Topic& topic : topics()) {
    if (topic.name == word) return to_text(topic);
    known.emplace_back(topic.name);
  }
  for (const CLI::App* command : program.get_subcommands(nullptr)) {
    const std::string name = command->get_name();
    if (name == word) return help_of(*command, program.get_name() + " " + name);
    known.push_back(name);
  }
  throw UsageError("no help on '" + word + "'" + suggestion(word, known));
}

}  // namespace

Command add_help(CLI::App& program) {
  auto word = std::make_shared<std::string>();
  CLI::App* command = program.add_subcommand("help", "Tell about a command or a topic");
  std::vector<std::string> words{std::string(kSamplers), std::string(kLicences)};
  for (const Topic& topic : topics()) words.emplace_back(topic.name);
  for (const CLI::App* other : program.get_subcommands(nullptr)) {
    if (other->get_name() != kSamplers) words.push_back(other->get_name());
  }
  add_option(*command, "Input", "topic,--topic", *word, "What to tell about")
      ->type_name("TOPIC")
      ->default_str("everything in short")
      ->check(choices(words));
  return {command, [word, &program] { std::cout << help_on(*word, program); }};
}

}  // namespace velatura::cli
