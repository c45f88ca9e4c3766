#include "cli/report/info_json.h"

#include <string>
#include <vector>

namespace velatura::cli {
namespace {

using nlohmann::ordered_json;

ordered_json or_null(bool given, const auto& value) {
  return given ? ordered_json(value) : ordered_json();
}

ordered_json to_json(const weights::KeyComparison& keys) {
  return {{"missing", keys.missing},
          {"unexpected", keys.unexpected},
          {"wrong_shape", keys.wrong_shape},
          {"not_floating_point", keys.not_floating_point}};
}

ordered_json to_json(const inspection::WeightFile& file) {
  return {{"path", file.path.string()},
          {"bytes", file.bytes},
          {"sha256", or_null(!file.sha256.empty(), file.sha256)}};
}

ordered_json components_of(const inspection::ModelSummary& summary) {
  auto components = ordered_json::object();
  for (const auto& component : summary.components) {
    components[component.name] = {{"class", component.class_name},
                                  {"parameters", component.parameters},
                                  {"dtypes", component.dtypes},
                                  {"keys", to_json(component.keys)}};
  }
  return components;
}

ordered_json to_json(const inspection::LowRankSummary& summary) {
  auto ranks = ordered_json::object();
  for (const auto& [rank, modules] : summary.ranks) ranks[std::to_string(rank)] = modules;
  auto tags = ordered_json::object();
  for (const auto& [tag, count] : summary.tags) tags[tag] = count;
  return {{"modules", summary.modules},
          {"parts", summary.parts},
          {"ranks", ranks},
          {"has_alpha", summary.has_alpha},
          {"algorithms", summary.kinds},
          {"made_for", or_null(!summary.made_for.empty(), summary.made_for)},
          {"trigger", or_null(!summary.trigger.empty(), summary.trigger)},
          {"tags", tags}};
}

}  // namespace

ordered_json to_json(const inspection::ModelSummary& summary) {
  auto signals = ordered_json::array();
  for (const auto& signal : summary.prediction_signals) {
    signals.push_back({{"type", signal.type}, {"reason", signal.reason}});
  }
  auto files = ordered_json::array();
  for (const auto& file : summary.files) files.push_back(to_json(file));
  auto memory = ordered_json();
  if (summary.memory) {
    memory = {{"float32", summary.memory->float32},
              {"bfloat16", summary.memory->bfloat16},
              {"int8", summary.memory->int8}};
  }
  ordered_json all{{"path", summary.path.string()},
                   {"kind", "model"},
                   {"description", summary.description},
                   {"evidence", summary.evidence},
                   {"pipeline", summary.pipeline},
                   {"native_size", or_null(summary.size > 0, summary.size)},
                   {"prediction", summary.prediction},
                   {"prediction_signals", signals},
                   {"scheduler", summary.scheduler},
                   {"sampler", or_null(!summary.sampler.empty(), summary.sampler)},
                   {"max_noise_level", or_null(summary.max_noise_level.has_value(),
                                               summary.max_noise_level.value_or(0))},
                   {"components", components_of(summary)},
                   {"missing", summary.missing},
                   {"peak_memory_bytes", memory},
                   {"metadata", summary.metadata},
                   {"files", files},
                   {"warnings", summary.warnings}};
  if (!summary.prior.empty()) all["prior"] = summary.prior;
  return all;
}

ordered_json to_json(const inspection::FileSummary& summary) {
  auto largest = ordered_json::array();
  for (const auto& tensor : summary.largest) {
    largest.push_back({{"name", tensor.name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
  }
  return {{"path", summary.file.path.string()},
          {"kind", "file"},
          {"description", or_null(!summary.what.empty(), summary.what)},
          {"evidence", summary.evidence},
          {"refusal", summary.refusal},
          {"tensors", summary.tensors},
          {"elements", summary.elements},
          {"dtypes", summary.dtypes},
          {"largest", largest},
          {"low_rank", summary.low_rank ? to_json(*summary.low_rank) : ordered_json()},
          {"metadata", summary.metadata},
          {"files", {to_json(summary.file)}}};
}

ordered_json to_json(const recipe::Recipe& recipe) {
  auto settings = ordered_json::object();
  for (const auto& [option, value] : recipe.settings) {
    if (option == "lora") {
      settings[option].push_back(value);
    } else {
      settings[option] = value;
    }
  }
  auto inputs = ordered_json::array();
  for (const auto& [option, size, sha256] : recipe.inputs) {
    inputs.push_back({{"option", option},
                      {"size", or_null(!size.empty(), size)},
                      {"sha256", or_null(!sha256.empty(), sha256)}});
  }
  return {{"made_by", or_null(!recipe.made_by.empty(), recipe.made_by)},
          {"task", or_null(!recipe.task.empty(), recipe.task)},
          {"settings", settings},
          {"model_hash", or_null(!recipe.model_hash.empty(), recipe.model_hash)},
          {"inputs", inputs},
          {"unmapped", recipe.unmapped}};
}

}  // namespace velatura::cli
