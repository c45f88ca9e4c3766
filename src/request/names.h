#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/fit.h"
#include "samplers/names.h"
#include "samplers/registry.h"
#include "tokenizer/prompt_syntax.h"
#include "velatura/generator.h"

namespace velatura::request {

template <class Enum>
struct Name {
  std::string_view name;
  Enum value;
};

inline constexpr auto kDTypes = std::to_array<Name<DType>>({{"auto", DType::automatic},
                                                            {"float32", DType::float32},
                                                            {"bfloat16", DType::bfloat16},
                                                            {"float16", DType::float16},
                                                            {"int8", DType::int8}});

inline constexpr auto kOffloads = std::to_array<Name<Offload>>({{"auto", Offload::automatic},
                                                                {"none", Offload::none},
                                                                {"model", Offload::model},
                                                                {"layers", Offload::layers}});

/// The values of a choice by name, in the order to show them.
inline auto rows_of(DType) {
  return std::span(kDTypes);
}
inline auto rows_of(Offload) {
  return std::span(kOffloads);
}
inline auto rows_of(PromptSyntax) {
  return std::span(tokenizer::kPromptSyntaxes);
}
inline auto rows_of(Fit) {
  return std::to_array<Name<Fit>>({{name_of(Fit::stretch), Fit::stretch},
                                   {name_of(Fit::crop), Fit::crop},
                                   {name_of(Fit::pad), Fit::pad}});
}
inline auto rows_of(Sampler) {
  return samplers::sampler_rows();
}
inline auto rows_of(Schedule) {
  return samplers::schedules();
}
inline auto rows_of(TimestepSpacing) {
  return samplers::timestep_spacings();
}
inline auto rows_of(Prediction) {
  return samplers::predictions();
}

template <class Enum>
std::optional<Enum> value_named(std::string_view name) {
  for (const auto& row : rows_of(Enum{}))
    if (row.name == name) return row.value;
  return std::nullopt;
}

template <class Enum>
std::vector<std::string> names_of(Enum any, std::string_view but = {}) {
  std::vector<std::string> names;
  for (const auto& row : rows_of(any))
    if (row.name != but) names.emplace_back(row.name);
  return names;
}

}  // namespace velatura::request
