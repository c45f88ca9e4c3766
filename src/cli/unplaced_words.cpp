#include "cli/unplaced_words.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/options.h"
#include "velatura/error.h"

namespace velatura::cli {
namespace {

// What people know from other programs, where no name of ours is near: the option that is meant, and what it is.
struct Elsewhere {
  std::string_view word, option, is;
};
constexpr auto kElsewhere = std::to_array<Elsewhere>({
    {"--batch-count", "--num-images", "is how many pictures are made"},
    {"--n-iter", "--num-images", "is how many pictures are made"},
    {"--num", "--num-images", "is how many pictures are made"},
    {"--count", "--num-images", "is how many pictures are made"},
    {"-p", "--prompt", "is what to show"},
    {"-t", "--threads", "is how many CPU threads there are"},
    {"--cpu", "--device", "cpu chooses it"},
    {"--gpu", "--device", "cuda chooses one"},
    {"--lora-scale", "--lora", "takes it behind a colon: FILE:SCALE"},
    {"--size", "--width", "and --height are a picture's sides"},
    {"--resolution", "--width", "and --height are a picture's sides"},
    {"--out", "--output", "is where the picture goes"},
    {"--outdir", "--output", "is where pictures go"},
    {"--format", "--output", "takes a name that ends with .png, .jpg or .webp"},
    {"--neg", "--negative-prompt", "says what not to draw"},
    {"--checkpoint", "--model", "takes it"},
    {"--textual-inversion", "--embedding", "takes it"},
    {"--ti", "--embedding", "takes textual inversions"},
    {"--sampling-method", "--sampler", "is its name here"},
    {"--sampling-steps", "--steps", "is their number"},
    {"--plms", "--sampler", "plms chooses it"},
    {"--precision", "--dtype", "is what is computed in"},
    {"--half", "--dtype", "float16 and --dtype bfloat16 are half precision"},
    {"--fp16", "--dtype", "float16 chooses it"},
    {"--bf16", "--dtype", "bfloat16 chooses it"},
    {"--medvram", "--offload", "lets a model wait outside the GPU's memory"},
    {"--lowvram", "--offload", "lets a model wait outside the GPU's memory"},
    {"--preview", "--show", "draws finished pictures on the terminal"},
});

// As names are compared: dashes, no value.
std::string bare_name(const std::string& word) {
  std::string name = word.substr(0, word.find('='));
  std::ranges::replace(name, '_', '-');
  return name;
}

// "img2img, inpaint": the commands that have an option.
std::string having(const std::string& name, const std::vector<const CLI::App*>& commands) {
  std::string all;
  for (const CLI::App* command : commands) {
    if (command->get_option_no_throw(name) != nullptr)
      all += (all.empty() ? "" : ", ") + command->get_name();
  }
  return all;
}

[[noreturn]] void refuse_option(const CLI::App& reader, const std::string& word,
                                const std::vector<const CLI::App*>& commands) {
  const std::string name = word.substr(0, word.find('='));
  const std::string start = "unknown option " + name;
  const std::string owners = having(name, commands);
  if (!owners.empty()) {
    const bool is_command = reader.get_parent() != nullptr;
    throw UsageError(start + (is_command ? " of " + reader.get_name() : "") + ": it is one of " +
                     owners);
  }
  const std::string bare = bare_name(word);
  if (bare == "--version") throw UsageError(start + ": velatura --version shows it");
  const auto known = std::ranges::find(kElsewhere, bare, &Elsewhere::word);
  if (known != kElsewhere.end()) {
    const std::string option(known->option);
    if (reader.get_option_no_throw(option) != nullptr)
      throw UsageError(start + ": " + option + " " + std::string(known->is));
  }
  throw UsageError(start + suggestion(bare, option_names(reader)));
}

bool would_take(CLI::Option& option, const std::string& word) {
  try {
    set_option(option, {word});
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

// The option that was given alone, takes a value behind '=' and would take this word so.
std::string taking(CLI::App& reader, const std::string& word) {
  for (CLI::Option* option : reader.get_options([](const CLI::Option* any) {
         return any->count() > 0 && any->get_expected_max() == 0 && !any->get_type_name().empty();
       })) {
    if (would_take(*option, word)) return "--" + option->get_lnames().front();
  }
  return "";
}

[[noreturn]] void refuse_argument(CLI::App& reader, const std::string& word) {
  const std::string start = "unexpected argument '" + word + "': ";
  if (const std::string option = taking(reader, word); !option.empty())
    throw UsageError(start + option + "=" + word + " is how " + option + " takes a value");
  std::string takes;
  for (const CLI::Option* option : reader.get_options()) {
    if (option->get_positional()) takes += (takes.empty() ? "" : " and ") + option->get_type_name();
  }
  if (takes == "PROMPT") throw UsageError(start + "a prompt of several words needs quotes");
  throw UsageError(start + reader.get_name() + " takes " +
                   (takes.empty() ? "none" : "one " + takes));
}

}  // namespace

void refuse_unplaced(CLI::App& reader, const std::vector<std::string>& words,
                     const std::vector<const CLI::App*>& commands) {
  const auto option = std::ranges::find_if(
      words, [](const auto& word) { return word.size() > 1 && word[0] == '-' && word != "--"; });
  if (option != words.end()) refuse_option(reader, *option, commands);
  if (reader.get_parent() != nullptr) refuse_argument(reader, words.front());
  std::vector<std::string> names{"--version", "--help"};
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  const std::string& word = words.front();
  if (word == "version") throw UsageError("unknown command 'version': velatura --version shows it");
  throw UsageError("unknown command '" + word + "'" + suggestion(word, names));
}

}  // namespace velatura::cli
