#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace velatura {

/// The block of text every web UI reads from a picture:
///     PROMPT
///     Negative prompt: NEGATIVE
///     Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7, Seed: 1, …
struct ParametersText {
  std::string prompt;
  std::string negative_prompt;
  std::vector<std::pair<std::string, std::string>> fields;  ///< key and value, in order

  /// The first value of that key.
  std::optional<std::string> find(std::string_view key) const;
};

/// Values with a comma, a colon, a line break or a leading quote are written as JSON strings.
std::string format_parameters(const ParametersText& text);

/// Reads any block: the fields are where cut_settings() finds them; what comes before `Negative
/// prompt:` is the prompt. Lines lose the blanks at their ends, as everywhere.
ParametersText parse_parameters(std::string_view block);

/// The settings of one run, by the names they have in the block.
struct RunParameters {
  std::string prompt;
  std::string negative_prompt;
  int steps = 0;
  std::string sampler;        ///< web UI label, such as "DPM++ 2M"
  std::string schedule_type;  ///< web UI label, such as "Karras"; empty: left out
  double cfg_scale = 1;
  std::uint64_t seed = 0;
  int width = 0, height = 0;
  std::string model_hash;  ///< first ten hex digits of the file's sha256; empty: left out
  std::string model;       ///< file or folder name without extension; empty: left out
  int clip_skip = 0;       ///< layers left out, as in diffusers; web UIs count one more
  std::vector<std::pair<std::string, std::string>> further;  ///< any other keys
  std::string version;
};

ParametersText parameters_text(const RunParameters& run);

}  // namespace velatura
