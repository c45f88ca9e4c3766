#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "image/difference.h"

namespace velatura::cli {

/// What is known of a picture once it has been made again.
struct Verification {
  std::filesystem::path picture;
  std::string obstacle;        ///< why it could not be made again; empty: it was
  std::optional<bool> edited;  ///< since it was made; absent: that cannot be told
  std::size_t on_sheet = 0;    ///< pictures that it shows side by side; not verified then
  bool lossy = false;          ///< the file has not the pixels that were made
  bool same_size = true;
  int tolerance = 1;      ///< levels that a channel of a pixel may be off
  Difference difference;  ///< of the file and what was made again, where sizes are the same
  nlohmann::ordered_json changed = nlohmann::ordered_json::object();  ///< {what: {then, now}}
};

/// Whether the picture was left out: it is a sheet of others.
bool is_skipped(const Verification& verification);

/// Whether the picture is as it was made, and comes out again within its tolerance.
bool is_confirmed(const Verification& verification);

/// "PICTURE: VERDICT" and why, in one line.
std::string to_text(const Verification& verification);
nlohmann::ordered_json to_json(const Verification& verification);

/// Levels by which the same picture may come out otherwise on another processor, in another batch or
/// with another number of threads, for the number types that the receipts name: 1 for float32, 2 for
/// float16, 16 for bfloat16 (tests/FIGURES.md).
int usual_tolerance(const nlohmann::json& then, const nlohmann::json& now);

/// What of model, program, device and number types two receipts tell differently.
nlohmann::ordered_json changed_between(const nlohmann::json& then, const nlohmann::json& now);

}  // namespace velatura::cli
