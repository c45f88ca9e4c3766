#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <string_view>
#include <utility>

#include "core/text.h"
#include "request/adapter_texts.h"
#include "request/column.h"
#include "request/names.h"
#include "request/values.h"
#include "request/words.h"
#include "velatura/error.h"

namespace velatura::request {
namespace {

// What a number must be: "a whole number from 1 to 1000".
std::string number_within(const char* kind, const std::optional<Range>& range) {
  return kind + (range ? " from " + text_of(*range) : "");
}

bool is_within(const std::optional<Range>& range, double value) {
  return !range || (value >= range->low && value <= range->high);  // NaN never is
}

int whole_number(const Field& field, const std::string& text) {
  errno = 0;
  char* end = nullptr;
  const std::int64_t value = std::strtoll(text.c_str(), &end, 0);
  const bool whole = !text.empty() && *end == '\0' && errno != ERANGE;
  if (!whole || value < std::numeric_limits<int>::min() ||
      value > std::numeric_limits<int>::max() ||
      !is_within(field.range, static_cast<double>(value))) {
    refuse(field, text, number_within("a whole number", field.range));
  }
  return static_cast<int>(value);
}

double number(const Field& field, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !is_within(field.range, value))
    refuse(field, text, number_within("a number", field.range));
  return value;
}

std::optional<int> tile(const Field& field, const std::string& text) {
  if (text == "auto") return std::nullopt;
  if (text == "off") return 0;
  int pixels = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pixels);
  const double least = field.range ? field.range->low : 1;
  if (error != std::errc() || end != text.data() + text.size() || pixels < least)
    refuse(field, text, "auto, off or a number of pixels");
  return pixels;
}

// Two whole numbers with a separator between.
std::optional<std::pair<int, int>> two_numbers(std::string_view text, char separator, int low) {
  constexpr int kMost = 1 << 16;
  const std::size_t middle = text.find(separator);
  if (middle == text.npos) return std::nullopt;
  const auto number = [&](std::string_view digits) -> std::optional<int> {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const bool whole = error == std::errc() && end == digits.data() + digits.size();
    return whole && value >= low && value <= kMost ? std::optional(value) : std::nullopt;
  };
  const auto first = number(text.substr(0, middle)), second = number(text.substr(middle + 1));
  if (!first || !second) return std::nullopt;
  return std::pair(*first, *second);
}

Extent extent(const Field& field, const std::string& text) {
  const auto found = two_numbers(text, 'x', 1);
  if (!found) refuse(field, text, "WIDTHxHEIGHT in pixels, such as 1024x768");
  return {found->first, found->second};
}

Offset offset(const Field& field, const std::string& text) {
  const auto found = two_numbers(text, ',', -(1 << 16));
  if (!found) refuse(field, text, "X,Y in pixels from the upper left, such as 0,128");
  return {found->first, found->second};
}

template <class Enum>
void choose(const Field& field, const std::string& text, Enum& value) {
  const std::optional<Enum> named = value_named<Enum>(text);
  if (!named || text == field.but) refuse(field, text, either(names_of(value, field.but)));
  value = *named;
}

Margins margins(const Field& field, const std::string& text) {
  Margins margins;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    const std::size_t equals = std::min(part.find('='), part.size());
    const std::string_view side = part.substr(0, equals);
    const std::string_view digits = part.substr(std::min(equals + 1, part.size()));
    int* const margin = side == "left"     ? &margins.left
                        : side == "top"    ? &margins.top
                        : side == "right"  ? &margins.right
                        : side == "bottom" ? &margins.bottom
                                           : nullptr;
    int pixels = 0;
    const auto [rest, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), pixels);
    const bool again = margin != nullptr && *margin != 0;
    if (margin == nullptr || again || error != std::errc() ||
        rest != digits.data() + digits.size() || pixels < field.range->low ||
        pixels > field.range->high) {
      refuse(field, text,
             "such as left=128,right=64 (sides left, top, right, bottom, each once; pixels)");
    }
    *margin = pixels;
    begin = end + 1;
  }
  return margins;
}

/// Sets what it is called with.
struct Set {
  const Field& field;
  const std::string& text;

  void operator()(std::monostate) const {}
  void operator()(const TextSink& sink) const { sink(text); }
  void operator()(const List& list) const { set_value(field, list->at(list->size()), text); }
  void operator()(LoraUse* value) const { *value = lora_in(field, text); }
  void operator()(EmbeddingUse* value) const { *value = embedding_in(field, text); }
  void operator()(Grounding* value) const { *value = grounding_in(field, text); }
  void operator()(MixItem* value) const { *value = mix_item_in(field, text); }
  void operator()(std::string* value) const {
    const std::string expected = field.complaint == nullptr ? "" : field.complaint(text);
    if (!expected.empty()) refuse(field, text, expected);
    *value = text;
  }
  void operator()(std::filesystem::path* value) const { *value = text; }
  void operator()(int* value) const { *value = whole_number(field, text); }
  void operator()(double* value) const { *value = number(field, text); }
  void operator()(bool* value) const {
    *value = parse_flag(field, text) != (field.notation == Notation::off_switch);
  }
  void operator()(std::optional<int>* value) const {
    *value = field.notation == Notation::tile ? tile(field, text) : whole_number(field, text);
  }
  void operator()(std::optional<double>* value) const { *value = number(field, text); }
  void operator()(std::optional<std::string>* value) const { *value = text; }
  void operator()(std::optional<Extent>* value) const { *value = extent(field, text); }
  void operator()(std::optional<Offset>* value) const { *value = offset(field, text); }
  void operator()(PromptSyntax* value) const { choose(field, text, *value); }
  void operator()(Fit* value) const { choose(field, text, *value); }
  void operator()(DType* value) const { choose(field, text, *value); }
  void operator()(Offload* value) const { choose(field, text, *value); }
  void operator()(SamplerOptions* value) const {
    const samplers::ParsedSampler parsed = samplers::parse_sampler(text);
    value->sampler = parsed.sampler;
    // A schedule of its own wins over one in the sampler's label, wherever it stands.
    if (parsed.schedule && !value->schedule) value->schedule = parsed.schedule;
  }
  void operator()(std::optional<Schedule>* value) const { *value = samplers::parse_schedule(text); }
  void operator()(std::optional<TimestepSpacing>* value) const {
    *value = samplers::parse_timestep_spacing(text);
  }
  void operator()(std::optional<Prediction>* value) const {
    *value = samplers::parse_prediction(text);
  }
  void operator()(Margins* value) const { *value = margins(field, text); }
  void operator()(auto* /*named_only*/) const {
    throw std::logic_error(std::string(field.name) + " has no value that text could say");
  }
};

/// Sets a value of the same type that nobody asks for again.
struct Check {
  const Field& field;
  const std::string& text;

  void operator()(std::monostate) const {}
  void operator()(const TextSink&) const {}
  void operator()(const List& list) const { check_value(field, list->any(), text); }
  void operator()(const std::uint64_t*) const { parse_seed(field, text); }
  template <class Value>
  void operator()(const Value*) const {
    Value aside{};
    const Value* const place = &aside;
    if (!is_file(place)) Set{field, text}(&aside);
  }
};

}  // namespace

void refuse(const Field& field, const std::string& text, const std::string& expected) {
  const std::string name(field.name);
  throw UsageError(name + " " + (text.empty() ? "''" : text) + ": expected " + expected, {name});
}

bool parse_flag(const Field& field, const std::string& text) {
  const std::string word = in_lower_case(text);
  for (const char* yes : {"true", "on", "yes", "enable", "t", "y", "+"})
    if (word == yes) return true;
  for (const char* no : {"false", "off", "no", "disable", "f", "n", "-"})
    if (word == no) return false;
  char* end = nullptr;
  const std::int64_t number = std::strtoll(word.c_str(), &end, 10);
  if (word.empty() || *end != '\0') refuse(field, text, "true or false");
  return number > 0;
}

std::optional<std::uint64_t> parse_seed(const Field& field, const std::string& text) {
  if (text == "-1") return std::nullopt;
  errno = 0;
  char* end = nullptr;
  const std::uint64_t seed = std::strtoull(text.c_str(), &end, 0);
  const bool whole = end != text.c_str() && end == text.c_str() + text.size();
  if (!whole || errno == ERANGE || text.find('-') != text.npos) {  // strtoull() negates
    refuse(field, text,
           "-1, 0 or more, a whole number up to " +
               std::to_string(std::numeric_limits<std::uint64_t>::max()));
  }
  return seed;
}

void set_value(const Field& field, const Place& place, const std::string& text) {
  std::visit(Set{field, text}, place);
}

void check_value(const Field& field, const Place& place, const std::string& text) {
  if (is_flag(field)) {
    parse_flag(field, text);
  } else {
    std::visit(Check{field, text}, place);
  }
}

}  // namespace velatura::request
