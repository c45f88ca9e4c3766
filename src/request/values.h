#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "request/field.h"

namespace velatura::request {

/// Sets a value from the text of an option. Not for files, seeds and inversions: see Unread.
/// @throws UsageError naming the field
void set_value(const Field& field, const Place& place, const std::string& text);

/// Nothing, if set_value() would take the text for the value in that place; nor for what text only
/// names. @throws UsageError naming the field
void check_value(const Field& field, const Place& place, const std::string& text);

/// Says what a text should have been: "NAME TEXT: expected EXPECTED". @throws UsageError always
[[noreturn]] void refuse(const Field& field, const std::string& text, const std::string& expected);

/// As a flag's text says it: "true", "no", "1". @throws UsageError
bool parse_flag(const Field& field, const std::string& text);
/// Nothing for -1: random. @throws UsageError for what is no whole number of 64 bits
std::optional<std::uint64_t> parse_seed(const Field& field, const std::string& text);

/// The text that sets the value: "7.5", "auto"; "" for what is absent, and for files.
std::string text_of(const Field& field, const ConstPlace& place);

/// Words that the value may be, for help and shells; there may be others.
std::vector<std::string> words_of(const Field& field, const ConstPlace& place);

/// "1 to 1000"
std::string text_of(const Range& range);

/// A value as receipts hold it; pictures by size and sha256 of their pixels. Nothing for what is
/// absent, and for prompts read plainly, as receipts that do not say how were.
std::optional<nlohmann::ordered_json> json_of(const ConstPlace& place);

}  // namespace velatura::request
