#include "batch/job_file.h"
#include "fuzz/fuzzer.h"
#include "tokenizer/weighted_prompt.h"
#include "velatura/error.h"

using namespace velatura;

// A job file, and its prompts as web UIs read them.
void fuzz(testing::Input input) {
  const batch::KnownOptions known{{"prompt", "negative-prompt", "steps", "seed"}, {{'s', "seed"}}};
  for (const auto& line : batch::parse_job_file("jobs.txt", input.text(), known).lines) {
    for (const auto& setting : line.settings) {
      if (setting.name != "prompt" || !setting.value) continue;
      try {
        tokenizer::parse_weighted_prompt(*setting.value);
      } catch (const UsageError&) {
      }
    }
  }
}
